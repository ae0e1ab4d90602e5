import { type CollectionReference, Firestore, type Query } from "@google-cloud/firestore";
import { expect } from "vitest";

/** What one test works on: a client, and a collection that no other test uses. */
export type Bench = { readonly db: Firestore; readonly collection: CollectionReference };

/** A Firestore that listens somewhere. */
export type Opened = { readonly grpcAddress: string; readonly close: () => Promise<void> };

/** Behaviours by what they say; each rejects when it is not so. */
export type Checks = Readonly<Record<string, (bench: Bench, opened: Opened) => Promise<void>>>;

const PROJECT = "acme-delivery";

// Without credentials the client would otherwise look for a metadata server.
process.env["METADATA_SERVER_DETECTION"] = "none";

/** The root of the documents, as names have it. */
export const ROOT = `projects/${PROJECT}/databases/(default)/documents`;

/** The numbers of the codes that Firestore answers with. */
export const CODES = {
  INVALID_ARGUMENT: 3,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
} as const;

/** Opens the official client on an emulator. */
export function openClient(grpcAddress: string): Firestore {
  return new Firestore({ projectId: PROJECT, host: grpcAddress, ssl: false });
}

/** The ids of a query's results, in order. */
export async function ids(query: Query): Promise<readonly string[]> {
  const snapshot = await query.get();
  return snapshot.docs.map(({ id }) => id);
}

/** Asserts that a call is refused with a code. */
export async function refused(promise: Promise<unknown>, code: keyof typeof CODES): Promise<void> {
  await expect(promise).rejects.toMatchObject({ code: CODES[code] });
}

/** Posts a request as REST has it and returns the status and the body. */
export async function post(
  { grpcAddress }: Pick<Opened, "grpcAddress">,
  path: string,
  body: object,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`http://${grpcAddress}/v1/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer owner" },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

/** Runs a query over REST, where the client does not try a refused one again, and gives the status. */
export async function queryStatus(
  opened: Pick<Opened, "grpcAddress">,
  structuredQuery: object,
): Promise<number> {
  const { status } = await post(opened, `${ROOT}:runQuery`, { structuredQuery });
  return status;
}
