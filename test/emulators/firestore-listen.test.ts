import { v1 } from "@google-cloud/firestore";
import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FirestoreServer, startFirestore } from "../../emulators/firestore/server.ts";
import { type ManualClock, manualClock } from "../../emulators/kit/clock.ts";
import { ROOT } from "./firestore-bench.ts";
import { openRaw, type Raw } from "./firestore-raw.ts";

const HOUR_MS = 3_600_000;
const DATABASE = ROOT.replace("/documents", "");

// oxlint-disable-next-line typescript/no-deprecated -- the other client hides a stream's messages
const { FirestoreClient } = v1;

type Client = InstanceType<typeof FirestoreClient>;
type Stream = ReturnType<Client["listen"]>;

let clock: ManualClock;
let server: FirestoreServer;
let client: Client;
let raw: Raw;

beforeEach(async () => {
  clock = manualClock();
  server = await startFirestore({ clock });
  client = new FirestoreClient({
    servicePath: "127.0.0.1",
    port: server.port,
    sslCreds: grpc.credentials.createInsecure(),
  });
  raw = openRaw(server);
});

afterEach(async () => {
  await client.close();
  await server.close();
});

/** Listens and keeps what comes, each message as one word and what it is about. */
function listenTo(target: object): {
  readonly seen: readonly string[];
  readonly token: () => Uint8Array;
  readonly stream: Stream;
} {
  const seen: string[] = [];
  let token: Uint8Array = new Uint8Array();
  const stream = client.listen();
  stream.on("data", (message: Parameters<typeof describeMessage>[0]) => {
    seen.push(describeMessage(message));
    token = message.targetChange?.resumeToken ?? token;
  });
  stream.on("error", (error: Error) => seen.push(`error ${error.message}`));
  stream.write({ database: DATABASE, addTarget: { targetId: 1, ...target } });
  return { seen, token: () => token, stream };
}

function describeMessage(message: {
  readonly targetChange?: { readonly targetChangeType?: string; readonly resumeToken?: Uint8Array };
  readonly documentChange?: { readonly document?: { readonly name?: string } };
  readonly documentDelete?: { readonly document?: string };
  readonly documentRemove?: { readonly document?: string };
}): string {
  const { targetChange, documentChange, documentDelete, documentRemove } = message;
  if (targetChange !== undefined && targetChange !== null) {
    return targetChange.targetChangeType ?? "";
  }
  const kinds = [
    ["change", documentChange?.document?.name],
    ["delete", documentDelete?.document],
    ["remove", documentRemove?.document],
  ] as const;
  const [kind, name] = kinds.find(([, one]) => one !== undefined) ?? ["nothing", ""];
  return `${kind} ${name?.slice(ROOT.length + 1)}`;
}

const QUERY = { query: { parent: ROOT, structuredQuery: { from: [{ collectionId: "c" }] } } };
const POLL = { interval: 2 };

test("a listener that resumes is told only what happened meanwhile", async () => {
  await raw.commit("", "c/a", "c/b");
  const first = listenTo(QUERY);
  await expect
    .poll(() => first.seen, POLL)
    .toEqual(["ADD", "change c/a", "change c/b", "CURRENT", "NO_CHANGE"]);
  first.stream.end();
  await raw.commit("", "c/c");
  const second = listenTo({ ...QUERY, resumeToken: first.token() });
  await expect.poll(() => second.seen, POLL).toEqual(["ADD", "change c/c", "CURRENT", "NO_CHANGE"]);
  second.stream.end();
});

test("a listener that resumes too late is told to forget and gets everything", async () => {
  await raw.commit("", "c/a");
  const first = listenTo(QUERY);
  await expect.poll(() => first.seen.at(-1), POLL).toBe("NO_CHANGE");
  const resumeToken = first.token();
  first.stream.end();
  server.reset();
  await clock.advance(HOUR_MS);
  await raw.commit("", "c/b");
  const second = listenTo({ ...QUERY, resumeToken });
  await expect
    .poll(() => second.seen, POLL)
    .toEqual(["ADD", "RESET", "change c/b", "CURRENT", "NO_CHANGE"]);
  second.stream.end();
});

test("a document that leaves the results is removed, one that is deleted is deleted", async () => {
  await raw.commit("", "c/a", "c/b");
  const { seen, stream } = listenTo({
    query: {
      parent: ROOT,
      structuredQuery: { ...QUERY.query.structuredQuery, limit: { value: 1 } },
    },
  });
  await expect.poll(() => seen, POLL).toEqual(["ADD", "change c/a", "CURRENT", "NO_CHANGE"]);
  await raw.commit("", "c/0");
  await expect.poll(() => seen.slice(4), POLL).toEqual(["change c/0", "remove c/a", "NO_CHANGE"]);
  await fetch(`${server.url}/v1/${ROOT}/c/0`, { method: "DELETE" });
  await expect.poll(() => seen.slice(7), POLL).toEqual(["change c/a", "delete c/0", "NO_CHANGE"]);
  stream.end();
});

test("a target that is wanted once is removed when it is current", async () => {
  const { seen, stream } = listenTo({
    documents: { documents: [`${ROOT}/c/a`] },
    once: true,
  });
  await expect
    .poll(() => seen, POLL)
    .toEqual(["ADD", "delete c/a", "CURRENT", "NO_CHANGE", "REMOVE"]);
  await raw.commit("", "c/a");
  await raw.commit("", "c/b");
  expect(seen).toHaveLength(5);
  stream.end();
});

test("a target that is refused is removed, and the stream goes on", async () => {
  const { seen, stream } = listenTo({
    query: { parent: ROOT, structuredQuery: { from: [{ collectionId: "c" }], offset: -1 } },
  });
  await expect.poll(() => seen, POLL).toEqual(["REMOVE"]);
  stream.write({ database: DATABASE, addTarget: { targetId: 2, ...QUERY } });
  await expect.poll(() => seen, POLL).toEqual(["REMOVE", "ADD", "CURRENT", "NO_CHANGE"]);
  stream.end();
});

test("a target that was removed is told nothing more", async () => {
  const { seen, stream } = listenTo(QUERY);
  await expect.poll(() => seen.at(-1), POLL).toBe("NO_CHANGE");
  stream.write({ database: DATABASE, removeTarget: 1 });
  await expect.poll(() => seen.at(-1), POLL).toBe("REMOVE");
  const count = seen.length;
  await raw.commit("", "c/a");
  stream.write({ database: DATABASE, addTarget: { targetId: 3, ...QUERY } });
  await expect.poll(() => seen.at(-1), POLL).toBe("NO_CHANGE");
  expect(seen.slice(count)).toEqual(["ADD", "change c/a", "CURRENT", "NO_CHANGE"]);
  stream.end();
});
