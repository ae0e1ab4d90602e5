import { v1 } from "@google-cloud/firestore";
import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FirestoreServer, startFirestore } from "../../emulators/firestore/server.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { post, ROOT } from "./firestore-bench.ts";
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
  await open();
});

async function open(): Promise<void> {
  server = await startFirestore({ clock });
  client = new FirestoreClient({
    servicePath: "127.0.0.1",
    port: server.port,
    sslCreds: grpc.credentials.createInsecure(),
  });
  raw = openRaw(server);
}

afterEach(close);

async function close(): Promise<void> {
  await client.close();
  await server.close();
}

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

/** What a listener is told that was told of `c/a`, and has been away since. */
async function resumeAfter(away: () => Promise<void>): Promise<() => readonly string[]> {
  await raw.commit("", "c/a");
  const first = listenTo(QUERY);
  await expect.poll(() => first.seen.at(-1), POLL).toBe("NO_CHANGE");
  first.stream.end();
  await away();
  const { seen } = listenTo({ ...QUERY, resumeToken: first.token() });
  return () => seen;
}

test.each([1, HOUR_MS])(
  "a listener of an earlier run is told to forget what is gone, %i ms after it",
  async (ms) => {
    const seen = await resumeAfter(async () => {
      await close();
      await clock.advance(ms);
      await open();
    });
    await expect.poll(seen, POLL).toEqual(["ADD", "RESET", "CURRENT", "NO_CHANGE"]);
  },
);

test("a listener that comes back after more than an hour does not keep what was deleted", async () => {
  const seen = await resumeAfter(async () => {
    await remove("c/a");
    await clock.advance(HOUR_MS + 1);
    await raw.commit("", "c/b");
  });
  await expect.poll(seen, POLL).toEqual(["ADD", "RESET", "change c/b", "CURRENT", "NO_CHANGE"]);
});

async function remove(path: string): Promise<void> {
  await post(server, `${ROOT}:commit`, { writes: [{ delete: `${ROOT}/${path}` }] });
}

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
  await remove("c/0");
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

test("a target whose query has no index is refused, where indexes count", async () => {
  await fetch(`${server.url}/v1/projects/acme-delivery/databases?databaseId=(default)`, {
    method: "POST",
    body: JSON.stringify({ locationId: "nam5", type: "FIRESTORE_NATIVE" }),
  });
  const orderBy = ["color", "n"].map((fieldPath) => ({ field: { fieldPath } }));
  const structuredQuery = { from: [{ collectionId: "c" }], orderBy };
  const { seen } = listenTo({ query: { parent: ROOT, structuredQuery } });
  await expect.poll(() => seen, POLL).toEqual(["REMOVE"]);
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
