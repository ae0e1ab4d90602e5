import { Firestore } from "@google-cloud/firestore";
import { afterEach, beforeEach, expect, test } from "vitest";
import { operation, type RunningServer, serve } from "../../emulators/kit/server.ts";
import { googleError } from "../../emulators/kit/google-error.ts";
import { until } from "../support/until.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

const DOCUMENT = {
  name: "projects/p/databases/(default)/documents/c/d",
  createTime: "2026-11-20T10:00:00Z",
  updateTime: "2026-11-20T10:00:00Z",
};

let server: RunningServer;
let client: Firestore;
/** What the disk does; callers wait for it. */
let disk = Promise.withResolvers<void>();
let calls = 0;

beforeEach(async () => {
  disk = Promise.withResolvers<void>();
  calls = 0;
  const run = (): object => {
    calls += 1;
    return { document: DOCUMENT, readTime: DOCUMENT.createTime };
  };
  server = await serve({
    persistence: {
      isKept: true,
      copyTo: async () => Promise.resolve(),
      table: () => ({ rows: () => [], set: () => undefined, delete: () => undefined }),
      saved: async () => disk.promise,
      close: async () => disk.promise,
    },
    http: (app) => {
      app.get("/own", (c) => c.json(run()));
    },
    apis: [
      {
        protos: "@google-cloud/firestore/build/protos/v1.json",
        service: "google.firestore.v1.Firestore",
        unary: {
          Commit: operation(() => {
            run();
            return {
              writeResults: [{ updateTime: DOCUMENT.updateTime }],
              commitTime: DOCUMENT.updateTime,
            };
          }),
        },
        serverStream: {
          RunQuery: async function* answer() {
            yield Promise.resolve(run());
          },
        },
      },
    ],
  });
  const [host = "", port = ""] = server.grpcAddress.split(":");
  client = new Firestore({
    projectId: "p",
    host: `${host}:${port}`,
    ssl: false,
    databaseId: "(default)",
  });
});

afterEach(async () => {
  disk.resolve();
  disk = Promise.withResolvers<void>();
  disk.resolve();
  await client.terminate();
  await server.close();
});

const PARENT = "v1/projects/p/databases/(default)/documents";
const REST = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };

const CALLS = [
  ["of a call over REST", async () => post("commit")],
  ["of a stream over REST", async () => post("runQuery")],
  ["of a route of its own", async () => (await fetch(`${server.url}/own`)).status],
  [
    "of a call over gRPC",
    async () =>
      client
        .doc("c/d")
        .set({})
        .then(() => 200),
  ],
  [
    "of a stream over gRPC",
    async () => ((await client.collection("c").get()).size === 1 ? 200 : 0),
  ],
] as const;

async function post(method: string): Promise<number> {
  return (await fetch(`${server.url}/${PARENT}:${method}`, REST)).status;
}

test.each(CALLS)("the answer %s waits until all is on disk", async (_name, call) => {
  let answered = false;
  const answer = call().finally(() => {
    answered = true;
  });
  await until(
    "the operation has run",
    async () => Promise.resolve(calls),
    (count) => count > 0,
  );
  // Another server answers meanwhile, so this one could have.
  const other = await serve({ persistence: undefined, apis: [] });
  expect((await fetch(`${other.url}/none`)).status).toBe(501);
  await other.close();
  expect(answered).toBe(false);
  disk.resolve();
  expect(await answer).toBe(200);
});

test("what cannot be written is answered with UNAVAILABLE", async () => {
  disk.promise.catch(() => undefined);
  disk.reject(googleError("UNAVAILABLE", "The change could not be written to disk: full"));
  expect(await post("commit")).toBe(503);
  expect((await fetch(`${server.url}/own`)).status).toBe(503);
});
