import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { manualClock, type ManualClock } from "../support/manual-clock.ts";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";
import { openBench, PROJECT, toPath, type Bench } from "./pubsub-bench.ts";
import { openEndpoint, toJson, type Answer, type Endpoint } from "./pubsub-endpoint.ts";

const SECOND_MS = 1_000;
const ACCOUNT = "push@acme.iam.gserviceaccount.com";

let clock: ManualClock;
let pubsub: RunningPubsub;
let bench: Bench;
let endpoints: Endpoint[];

beforeEach(async () => {
  clock = manualClock();
  pubsub = await startPubsub({
    clock,
    mintIdToken: async (email, audience) => {
      if (email !== ACCOUNT) {
        throw new Error(`There is no account ${email}`);
      }
      return Promise.resolve(`token of ${email} for ${audience}`);
    },
  });
  bench = openBench(pubsub.grpcAddress);
  endpoints = [];
});

afterEach(async () => {
  await bench.close();
  await pubsub.close();
  await Promise.all(endpoints.map((one) => one.close()));
});

async function open(answer?: Answer): Promise<Endpoint> {
  const endpoint = await openEndpoint(answer);
  endpoints.push(endpoint);
  return endpoint;
}

/** Advances and lets what fell due be answered. */
async function pass(ms: number): Promise<void> {
  await clock.advance(ms);
  await pubsub.idle();
}

describe("a wrapped push", () => {
  test("has the ids in both spellings and names its subscription", async () => {
    const endpoint = await open();
    const { topic, name } = await bench.makePair({
      pushEndpoint: endpoint.url,
      enableMessageOrdering: true,
    });
    const [messageId] = await bench.publish(topic, ["text"], "key");
    await pubsub.idle();
    expect(endpoint.arrived).toHaveLength(1);
    expect(endpoint.arrived[0]?.headers).toMatchObject({ "content-type": "application/json" });
    expect(endpoint.arrived[0]?.headers).not.toHaveProperty("authorization");
    expect(toJson(endpoint.arrived[0])).toEqual({
      message: {
        data: Buffer.from("text").toString("base64"),
        messageId,
        message_id: messageId,
        publishTime: "2026-11-20T10:00:00Z",
        publish_time: "2026-11-20T10:00:00Z",
        orderingKey: "key",
      },
      subscription: toPath(name),
    });
  });

  test("has neither data nor attributes when there are none, and counts with a dead-letter policy", async () => {
    const endpoint = await open((number) => (number === 1 ? 503 : 200));
    const { topic: deadTopic } = await bench.makePair();
    const { topic } = await bench.makePair({
      pushEndpoint: endpoint.url,
      deadLetterPolicy: { deadLetterTopic: `projects/${PROJECT}/topics/${deadTopic}` },
    });
    await bench.client.topic(topic).publishMessage({ attributes: { only: "this" } });
    await pubsub.idle();
    await pass(100);
    expect(endpoint.arrived.map(toJson)).toMatchObject([
      { message: { attributes: { only: "this" } }, deliveryAttempt: 1 },
      { deliveryAttempt: 2 },
    ]);
    expect(toJson(endpoint.arrived[0])).not.toHaveProperty("message.data");
    await bench.publish(topic, ["plain"]);
    await pubsub.idle();
    expect(toJson(endpoint.arrived[2])).not.toHaveProperty("message.attributes");
  });

  test.each([200, 201, 202, 204])("is acknowledged by %i", async (status) => {
    const endpoint = await open(() => status);
    const { topic } = await bench.makePair({ pushEndpoint: endpoint.url });
    await bench.publish(topic, ["text"]);
    await pubsub.idle();
    await pass(3_600 * SECOND_MS);
    expect(endpoint.arrived).toHaveLength(1);
  });

  test.each([203, 205, 301, 400, 401, 404, 429, 500, 503])(
    "comes again after %i",
    async (status) => {
      const endpoint = await open((number) => (number === 1 ? status : 200));
      const { topic } = await bench.makePair({ pushEndpoint: endpoint.url });
      await bench.publish(topic, ["text"]);
      await pubsub.idle();
      await pass(100);
      expect(endpoint.arrived).toHaveLength(2);
      expect(endpoint.messageIds()[1]).toBe(endpoint.messageIds()[0]);
    },
  );

  test("comes again when nobody listened, and slower each time without a retry policy", async () => {
    const endpoint = await open();
    await endpoint.close();
    endpoints = [];
    const { topic, name } = await bench.makePair({ pushEndpoint: endpoint.url });
    await bench.publish(topic, ["text"]);
    await pubsub.idle();
    await pass(100);
    const working = await open();
    await bench.client.subscription(name).modifyPushConfig({ pushEndpoint: working.url });
    await pass(199);
    expect(working.arrived).toHaveLength(0);
    await pass(1);
    expect(working.arrived).toHaveLength(1);
  });

  test("is cut off at the ack deadline and comes again", async () => {
    const endpoint = await open((number) => (number === 1 ? null : 200));
    const { topic } = await bench.makePair({ pushEndpoint: endpoint.url, ackDeadlineSeconds: 20 });
    await bench.publish(topic, ["text"]);
    await endpoint.holds(1);
    await clock.advance(20 * SECOND_MS - 1);
    expect(endpoint.arrived).toHaveLength(1);
    await clock.advance(1 + 100);
    await endpoint.holds(2);
    await pubsub.idle();
    await pass(3_600 * SECOND_MS);
    expect(endpoint.arrived).toHaveLength(2);
  });
});

describe("a push with a token", () => {
  test("carries one for the audience that was configured", async () => {
    const endpoint = await open();
    const { topic } = await bench.makePair({
      pushEndpoint: endpoint.url,
      oidcToken: { serviceAccountEmail: ACCOUNT, audience: "https://example.com/api" },
    });
    await bench.publish(topic, ["text"]);
    await pubsub.idle();
    expect(endpoint.arrived[0]?.headers.authorization).toBe(
      `Bearer token of ${ACCOUNT} for https://example.com/api`,
    );
  });

  test("carries one for the endpoint when no audience was configured", async () => {
    const endpoint = await open();
    const { topic } = await bench.makePair({
      pushEndpoint: `${endpoint.url}/push`,
      oidcToken: { serviceAccountEmail: ACCOUNT },
    });
    await bench.publish(topic, ["text"]);
    await pubsub.idle();
    expect(endpoint.arrived[0]?.headers.authorization).toBe(
      `Bearer token of ${ACCOUNT} for ${endpoint.url}/push`,
    );
  });

  test("is not sent while nobody can make the token", async () => {
    const endpoint = await open();
    const { topic, name } = await bench.makePair({
      pushEndpoint: endpoint.url,
      oidcToken: { serviceAccountEmail: "nobody@example.com" },
    });
    await bench.publish(topic, ["text"]);
    await pubsub.idle();
    expect(endpoint.arrived).toHaveLength(0);
    await bench.client.subscription(name).modifyPushConfig({
      pushEndpoint: endpoint.url,
      oidcToken: { serviceAccountEmail: ACCOUNT },
    });
    await pass(100);
    expect(endpoint.arrived).toHaveLength(1);
  });
});

describe("a push subscription", () => {
  test("becomes one to pull from, and back", async () => {
    const endpoint = await open();
    const { topic, name } = await bench.makePair({ pushEndpoint: endpoint.url });
    await expect(bench.pull(name)).rejects.toMatchObject({ code: 9 });
    await bench.client.subscription(name).modifyPushConfig({});
    await bench.publish(topic, ["pulled", "pushed"]);
    const [received] = await bench.pull(name);
    expect(received?.text).toBe("pulled");
    await bench.acknowledge(name, received === undefined ? [] : [received]);
    await bench.client.subscription(name).modifyPushConfig({ pushEndpoint: endpoint.url });
    await pass(10 * SECOND_MS);
    await pass(100);
    expect(endpoint.arrived.map(toJson)).toMatchObject([
      { message: { data: Buffer.from("pushed").toString("base64") } },
    ]);
  });

  test("sends nothing after it was detached or deleted", async () => {
    const endpoint = await open(() => 500);
    const { topic, name } = await bench.makePair({ pushEndpoint: endpoint.url });
    const other = await bench.makePair({ pushEndpoint: endpoint.url });
    await bench.publish(topic, ["text"]);
    await bench.publish(other.topic, ["text"]);
    await pubsub.idle();
    await bench.client.detachSubscription(name);
    await bench.client.subscription(other.name).delete();
    await pass(3_600 * SECOND_MS);
    expect(endpoint.arrived).toHaveLength(2);
  });

  test("has five messages under way at first, and one more with each that is acknowledged", async () => {
    const answers: (() => void)[] = [];
    const endpoint = await open(
      () => new Promise((resolve) => void answers.push(() => resolve(204))),
    );
    const { topic } = await bench.makePair({ pushEndpoint: endpoint.url });
    await bench.publish(topic, ["1", "2", "3", "4", "5", "6", "7", "8"]);
    await endpoint.holds(5);
    await bench.client.topic(topic).exists();
    expect(endpoint.arrived).toHaveLength(5);
    answers.splice(0, 1).forEach((answer) => answer());
    await endpoint.holds(7);
    await bench.client.topic(topic).exists();
    expect(endpoint.arrived).toHaveLength(7);
    answers.splice(0).forEach((answer) => answer());
    await endpoint.holds(8);
    answers.splice(0).forEach((answer) => answer());
    await pubsub.idle();
    expect(new Set(endpoint.messageIds()).size).toBe(8);
  });

  test("needs an address over HTTP", async () => {
    await expect(bench.makePair({ pushEndpoint: "ftp://example.com" })).rejects.toMatchObject({
      code: 3,
    });
  });

  test("keeps pushing one message of an ordering key until it is acknowledged", async () => {
    const endpoint = await open((number) => (number <= 2 ? 500 : 200));
    const { topic } = await bench.makePair({
      pushEndpoint: endpoint.url,
      enableMessageOrdering: true,
    });
    const ids = await bench.publish(topic, ["1", "2"], "key");
    await pubsub.idle();
    await pass(100);
    await pass(200);
    expect(endpoint.messageIds()).toEqual([ids[0], ids[0], ids[0], ids[1]]);
  });
});
