import { once } from "node:events";
import { Firestore } from "@google-cloud/firestore";
import { v1 as pubsub } from "@google-cloud/pubsub";
import * as grpc from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { googleError } from "../../emulators/kit/google-error.ts";
import { type Call, type Message, type RunningServer, serve } from "../../emulators/kit/server.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

const PARENT = "projects/p/databases/(default)/documents";
const TIME = "2026-11-20T10:00:00Z";

let events: string[] = [];
let server: RunningServer;
beforeEach(async () => {
  events = [];
  server = await serve({
    persistence: undefined,
    apis: [
      {
        protos: "@google-cloud/pubsub/build/protos/protos.json",
        service: "google.pubsub.v1.Subscriber",
        bidi: { StreamingPull: answerEach },
      },
      {
        protos: "@google-cloud/firestore-api/build/protos/protos.json",
        service: "google.firestore.v1.Firestore",
        serverStream: { RunQuery: count },
      },
    ],
  });
});
afterEach(async () => {
  await server.close();
});

/** Answers each request with its subscription, until the caller ends or goes. */
async function* answerEach(requests: AsyncIterable<Message>, call: Call): AsyncGenerator {
  call.signal.addEventListener("abort", () => events.push("aborted"));
  for await (const request of requests) {
    if (request["clientId"] === "refuse") {
      throw googleError("PERMISSION_DENIED", "not you");
    }
    yield { receivedMessages: [{ ackId: String(request["subscription"]) }] };
  }
  events.push("requests ended");
}

/** As many documents as the query's limit says, and a refusal after the seventh. */
async function* count(request: Message): AsyncGenerator {
  const limit = Number(/"limit":(\d+)/.exec(JSON.stringify(request))?.[1] ?? 0);
  try {
    yield { readTime: TIME };
    for (let index = 1; index <= limit; index += 1) {
      if (index > 7) {
        throw googleError("RESOURCE_EXHAUSTED", "seven are enough");
      }
      const name = `${PARENT}/c/${index}`;
      yield { document: { name, createTime: TIME, updateTime: TIME }, readTime: TIME };
    }
  } finally {
    events.push("count ended");
  }
}

describe("a stream in both directions", () => {
  let client: pubsub.SubscriberClient;
  beforeEach(() => {
    client = new pubsub.SubscriberClient({
      apiEndpoint: "127.0.0.1",
      port: server.port,
      projectId: "p",
      sslCreds: grpc.credentials.createInsecure(),
    });
  });
  afterEach(async () => {
    await client.close();
  });

  test("answers each message while it is open, and ends when the caller ends", async () => {
    const stream = client.streamingPull();
    for (const subscription of ["one", "two"]) {
      stream.write({ subscription });
      const answer: unknown[] = await once(stream, "data");
      expect(answer).toMatchObject([{ receivedMessages: [{ ackId: subscription }] }]);
    }
    stream.end();
    await expect(once(stream, "end")).resolves.toEqual([]);
    expect(events).toContain("requests ended");
  });

  test("ends with a refusal", async () => {
    const stream = client.streamingPull();
    stream.write({ clientId: "refuse" });
    const error: unknown = await new Promise((resolve) => void stream.once("error", resolve));
    expect(error).toMatchObject({ code: grpc.status.PERMISSION_DENIED });
  });

  test("lets the operation know when the caller has gone", async () => {
    const stream = client.streamingPull();
    stream.on("error", () => events.push("cancelled"));
    stream.write({ subscription: "one" });
    await once(stream, "data");
    stream.cancel();
    await vi.waitFor(() => {
      expect(events).toEqual(expect.arrayContaining(["cancelled", "aborted", "requests ended"]));
    });
  });

  test("is dropped when a fault says so", async () => {
    server.faults.add({ method: "StreamingPull", call: 1, kind: "drop-before" });
    const stream = client.streamingPull();
    stream.write({ subscription: "one" });
    const error: unknown = await new Promise((resolve) => void stream.once("error", resolve));
    expect(error).toMatchObject({ code: grpc.status.UNAVAILABLE });
    expect(server.faults.calls("StreamingPull")).toBe(1);
  });
});

describe("a stream of answers", () => {
  let client: Firestore;
  beforeEach(() => {
    const { port } = server;
    client = new Firestore({ projectId: "p", host: "127.0.0.1", port, ssl: false });
  });
  afterEach(async () => {
    await client.terminate();
  });

  async function read(limit: number): Promise<readonly string[]> {
    const snapshot = await client.collection("c").limit(limit).get();
    return snapshot.docs.map(({ ref }) => ref.path);
  }

  test("comes in order over gRPC, and may hold nothing", async () => {
    expect(await read(3)).toEqual(["c/1", "c/2", "c/3"]);
    expect(await read(0)).toEqual([]);
    expect(events).toEqual(["count ended", "count ended"]);
  });

  test("can end with a refusal", async () => {
    await expect(read(8)).rejects.toMatchObject({ code: grpc.status.RESOURCE_EXHAUSTED });
  });

  test("is one array over REST, or the refusal", async () => {
    async function post(limit: number): Promise<unknown> {
      const body = JSON.stringify({ structuredQuery: { limit } });
      return (await fetch(`${server.url}/v1/${PARENT}:runQuery`, { method: "POST", body })).json();
    }
    expect(await post(2)).toEqual([
      { readTime: TIME },
      { document: { name: `${PARENT}/c/1`, createTime: TIME, updateTime: TIME }, readTime: TIME },
      { document: { name: `${PARENT}/c/2`, createTime: TIME, updateTime: TIME }, readTime: TIME },
    ]);
    expect(await post(8)).toMatchObject({ error: { code: 429, status: "RESOURCE_EXHAUSTED" } });
  });
});
