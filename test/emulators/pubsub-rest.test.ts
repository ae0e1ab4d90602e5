import * as grpc from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manualClock } from "../support/manual-clock.ts";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";

const TOPIC = "projects/acme/topics/limits";
const SUBSCRIPTION = "projects/acme/subscriptions/limits";

type Answer = { readonly status: number; readonly body: unknown };

const anyText: unknown = expect.any(String);
const anyNumber: unknown = expect.stringMatching(/^\d+$/u);

let pubsub: RunningPubsub;

beforeAll(async () => {
  pubsub = await startPubsub({ clock: manualClock() });
  await call("PUT", TOPIC, {});
  await call("PUT", SUBSCRIPTION, { topic: TOPIC });
});

afterAll(async () => {
  await pubsub.close();
});

async function call(method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${pubsub.url}/v1/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function publish(messages: readonly object[]): Promise<Answer> {
  return call("POST", `${TOPIC}:publish`, { messages });
}

function refusal(status: string): object {
  return { body: { error: { status } } };
}

function attributesOf(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, ""]));
}

describe("over REST", () => {
  test("a message goes from publish to pull to acknowledge", async () => {
    const name = "projects/acme/subscriptions/rest";
    await call("PUT", name, { topic: TOPIC, ackDeadlineSeconds: 30 });
    const published = await publish([{ data: "aGk=", attributes: { key: "value" } }]);
    expect(published).toMatchObject({ status: 200, body: { messageIds: [anyText] } });
    const pull = { maxMessages: 10, returnImmediately: true };
    const pulled = await call("POST", `${name}:pull`, pull);
    expect(pulled.body).toEqual({
      receivedMessages: [
        {
          ackId: anyText,
          message: {
            data: "aGk=",
            attributes: { key: "value" },
            messageId: anyNumber,
            publishTime: "2026-11-20T10:00:00Z",
          },
        },
      ],
    });
    const ackId = /"ackId":"(?<id>[^"]+)"/u.exec(JSON.stringify(pulled.body))?.groups?.["id"];
    expect(await call("POST", `${name}:acknowledge`, { ackIds: [ackId] })).toEqual({
      status: 200,
      body: {},
    });
    await call("POST", `${name}:modifyAckDeadline`, { ackIds: [ackId], ackDeadlineSeconds: 0 });
    expect(await call("POST", `${name}:pull`, pull)).toEqual({ status: 200, body: {} });
  });

  test("lists come in pages", async () => {
    for (const id of ["page-1", "page-2", "page-3"]) {
      await call("PUT", `projects/paged/topics/${id}`, {});
    }
    const first = await call("GET", "projects/paged/topics?pageSize=2");
    expect(first.body).toMatchObject({
      topics: [{ name: "projects/paged/topics/page-1" }, { name: "projects/paged/topics/page-2" }],
      nextPageToken: anyText,
    });
    const token = /"nextPageToken":"(?<token>[^"]+)"/u.exec(JSON.stringify(first.body));
    const second = await call(
      "GET",
      `projects/paged/topics?pageSize=2&pageToken=${token?.groups?.["token"]}`,
    );
    expect(second.body).toEqual({
      topics: [{ name: "projects/paged/topics/page-3", state: "ACTIVE" }],
    });
    expect(await call("GET", "projects/paged/topics?pageToken=x")).toMatchObject({ status: 400 });
  });

  test("a subscription is changed as its mask says, and only where it may", async () => {
    const changed = await call("PATCH", SUBSCRIPTION, {
      subscription: { labels: { a: "b" }, ackDeadlineSeconds: 60 },
      updateMask: "labels",
    });
    expect(changed.body).toMatchObject({ labels: { a: "b" }, ackDeadlineSeconds: 10 });
    for (const updateMask of ["topic", "filter", "enableMessageOrdering", "nonsense", ""]) {
      const refused = await call("PATCH", SUBSCRIPTION, { subscription: {}, updateMask });
      expect(refused).toMatchObject(refusal("INVALID_ARGUMENT"));
    }
  });

  test.each(["snapshots", "schemas"])("there are no %s", async (collection) => {
    const answer = await call("GET", `projects/acme/${collection}`);
    expect(answer).toEqual({ status: 200, body: {} });
  });

  test.each([
    ["GET", "projects/acme/snapshots/one", undefined],
    ["PUT", "projects/acme/snapshots/one", { subscription: SUBSCRIPTION }],
    ["GET", "projects/acme/schemas/one", undefined],
    ["POST", `${SUBSCRIPTION}:seek`, { time: "2026-11-20T10:00:00Z" }],
    ["PUT", "projects/acme/topics/kept", { messageRetentionDuration: "600s" }],
    ["PUT", "projects/acme/subscriptions/once", { topic: TOPIC, enableExactlyOnceDelivery: true }],
    [
      "PUT",
      "projects/acme/subscriptions/plain",
      { topic: TOPIC, pushConfig: { pushEndpoint: "https://example.com", noWrapper: {} } },
    ],
    ["PUT", "projects/acme/topics/schema", { schemaSettings: { schema: "projects/p/schemas/s" } }],
    [
      "PUT",
      "projects/acme/subscriptions/bigquery",
      { topic: TOPIC, bigqueryConfig: { table: "a.b.c" } },
    ],
  ])("what is not covered says so: %s %s", async (method, path, body) => {
    expect(await call(method, path, body)).toMatchObject({
      status: 501,
      ...refusal("UNIMPLEMENTED"),
    });
  });
});

describe("a publish request", () => {
  const tenMegabytes = Buffer.alloc(10_000_000).toString("base64");
  test.each([
    ["a thousand messages", Array.from({ length: 1_000 }, () => ({ data: "aGk=" }))],
    ["ten megabytes", [{ data: tenMegabytes }]],
    ["a hundred attributes", [{ attributes: attributesOf(100) }]],
    ["a key of 256 bytes", [{ attributes: { ["k".repeat(256)]: "" } }]],
    ["a value of 1024 bytes", [{ attributes: { key: "v".repeat(1_024) } }]],
    ["an ordering key of 1024 bytes", [{ data: "aGk=", orderingKey: "k".repeat(1_024) }]],
    ["a key that has goog inside", [{ attributes: { "x-goog": "" } }]],
  ])("takes %s", async (_what, messages) => {
    expect(await publish(messages)).toMatchObject({ status: 200 });
  });

  test.each([
    ["no message", []],
    ["a message with nothing in it", [{ data: "aGk=" }, {}]],
    ["a message that only has an ordering key", [{ orderingKey: "key" }]],
    ["a thousand and one messages", Array.from({ length: 1_001 }, () => ({ data: "aGk=" }))],
    ["more than ten megabytes", [{ data: tenMegabytes }, { data: "aGk=" }]],
    ["a hundred and one attributes", [{ attributes: attributesOf(101) }]],
    ["a key of 257 bytes", [{ attributes: { ["k".repeat(257)]: "" } }]],
    ["an empty key", [{ attributes: { "": "v" } }]],
    ["a value of 1025 bytes", [{ attributes: { key: "v".repeat(1_025) } }]],
    ["an ordering key of 1025 bytes", [{ data: "aGk=", orderingKey: "k".repeat(1_025) }]],
    ["a key that starts with goog", [{ attributes: { googKey: "" } }]],
    [
      "two ordering keys",
      [
        { data: "aGk=", orderingKey: "a" },
        { data: "aGk=", orderingKey: "b" },
      ],
    ],
  ])("is refused whole with %s", async (_what, messages) => {
    const name = "projects/acme/subscriptions/refused";
    await call("PUT", name, { topic: TOPIC });
    expect(await publish(messages)).toMatchObject({ status: 400, ...refusal("INVALID_ARGUMENT") });
    const pulled = await call("POST", `${name}:pull`, { maxMessages: 1, returnImmediately: true });
    expect(pulled.body).toEqual({});
    await call("DELETE", name);
  });
});

describe("a subscription's settings", () => {
  test.each([
    ["ackDeadlineSeconds", 9],
    ["ackDeadlineSeconds", 601],
    ["messageRetentionDuration", "599s"],
    ["messageRetentionDuration", "2678401s"],
    ["expirationPolicy", { ttl: "86399s" }],
    ["retryPolicy", { minimumBackoff: "601s" }],
    ["retryPolicy", { minimumBackoff: "20s", maximumBackoff: "10s" }],
    ["deadLetterPolicy", { maxDeliveryAttempts: 5 }],
  ])("are refused with %s %j", async (field, value) => {
    const body = { topic: TOPIC, [field]: value };
    expect(await call("PUT", "projects/acme/subscriptions/refused", body)).toMatchObject(
      refusal("INVALID_ARGUMENT"),
    );
  });

  test.each([
    ["ackDeadlineSeconds", 600],
    ["messageRetentionDuration", "600s"],
    ["messageRetentionDuration", "2678400s"],
    ["expirationPolicy", { ttl: "86400s" }],
    ["retryPolicy", { minimumBackoff: "0s", maximumBackoff: "600s" }],
  ])("are taken with %s %j", async (field, value) => {
    const name = "projects/acme/subscriptions/taken";
    expect(await call("PUT", name, { topic: TOPIC, [field]: value })).toMatchObject({
      status: 200,
      body: { [field]: value },
    });
    await call("DELETE", name);
  });
});

describe("a request that is no request", () => {
  test("is refused when it is too large, and its connection closed", async () => {
    const body = `{"messages":[{"data":"${"A".repeat(20_000_000)}"}]}`;
    const response = await fetch(`${pubsub.url}/v1/${TOPIC}:publish`, { method: "POST", body });
    expect(response.status).toBe(413);
    expect(response.headers.get("connection")).toBe("close");
    expect(await response.json()).toMatchObject({ error: { status: "INVALID_ARGUMENT" } });
  });

  test.each([100, 100_000])("is refused when it is nested %i deep", async (depth) => {
    const body = `{"labels":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`;
    const response = await fetch(`${pubsub.url}/v1/projects/acme/topics/deep`, {
      method: "PUT",
      body,
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { message: "Invalid JSON payload received. Message too deep." },
    });
  });

  test("is refused over gRPC when it is too large", async () => {
    const { grpcAddress } = pubsub;
    const client = new grpc.Client(grpcAddress, grpc.credentials.createInsecure());
    const code = await new Promise((resolve) => {
      client.makeUnaryRequest(
        "/google.pubsub.v1.Publisher/Publish",
        (bytes: Buffer) => bytes,
        (bytes: Buffer) => bytes,
        Buffer.alloc(20_000_001),
        (error) => resolve(error?.code),
      );
    });
    client.close();
    expect(code).toBe(grpc.status.RESOURCE_EXHAUSTED);
  });

  test("is refused when its filter is a thousand parentheses", async () => {
    const filter = `${"(".repeat(1_000)}attributes:a${")".repeat(1_000)}`;
    const name = "projects/acme/subscriptions/nested";
    expect(await call("PUT", name, { topic: TOPIC, filter })).toMatchObject({
      status: 400,
      ...refusal("INVALID_ARGUMENT"),
    });
  });
});
