import type * as Library from "@google-cloud/firestore";
import type { DocumentSnapshot, Firestore } from "@google-cloud/firestore";
import type { z } from "zod";

import { UnreadableError } from "../ports/errors.ts";
import { readStored } from "../wire/state-document.ts";
import { aliveness, endpointOptions, lazily, PING_AFTER_MS } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { localIdentity } from "./local-identity.ts";
import { callOutside } from "./outside-call.ts";
import type { CallLimits } from "./outside-call.ts";

/** Which database. */
export type FirestoreOptions = {
  readonly project: string;
  readonly endpoint: GrpcEndpoint;
  /** The database's id; null for the default one. */
  readonly database: string | null;
  /** After how long without an answer the connection is asked whether it lives, in milliseconds. Default: 4 seconds. */
  readonly pingAfterMs?: number;
};

/** The time includes the further attempts that Firestore's client makes by itself. */
const READ_LIMITS: CallLimits = { timeoutMs: 10_000, attemptsMax: 1 };

/** For a transaction, with all of its attempts. */
export const TRANSACTION_LIMITS: CallLimits = { timeoutMs: 30_000, attemptsMax: 1 };

/** A client that is made when it is first needed, and what only its module can give. */
export type OpenFirestore = () => Promise<{
  readonly firestore: Firestore;
  readonly library: typeof Library;
}>;

/** Opens the database over gRPC. */
export function openFirestore(options: FirestoreOptions): OpenFirestore {
  const { project, endpoint, database } = options;
  return lazily(async () => {
    const library = await import("@google-cloud/firestore");
    const { authClient, sslCreds } = await endpointOptions(endpoint);
    const isChecked = (await localIdentity()) !== null;
    const firestore = new library.Firestore({
      projectId: project,
      preferRest: false,
      ignoreUndefinedProperties: false,
      ...aliveness(options.pingAfterMs ?? PING_AFTER_MS),
      ...(database === null ? {} : { databaseId: database }),
      // Without TLS the client says that it is the owner, unless it is given a channel.
      ...(endpoint === null
        ? {}
        : { host: endpoint, authClient, ...(isChecked ? { sslCreds } : { ssl: false }) }),
    });
    return { firestore, library };
  });
}

/**
 * A document's body, checked; null when there is no such document.
 * @throws UnreadableError when it cannot be read by this version of Slipway.
 */
export function bodyOf<Value>(schema: z.ZodType<Value>, snapshot: DocumentSnapshot): Value | null {
  if (!snapshot.exists) {
    return null;
  }
  const parsed = readStored(schema, snapshot.data());
  if (!parsed.ok) {
    const { reason, isNewer } = parsed.refusal;
    throw new UnreadableError(snapshot.ref.path, reason, isNewer);
  }
  return parsed.value;
}

/**
 * Reads from Firestore, within its deadline.
 * @throws TransientError or PermanentError whose message begins with `resource`.
 */
export async function readOutside<Value>(
  resource: string,
  act: () => Promise<Value>,
): Promise<Value> {
  return callOutside(resource, act, READ_LIMITS);
}
