import { once } from "node:events";
import { cloudEvent, type CloudEvent } from "@google-cloud/functions-framework";
import { getTestServer } from "@google-cloud/functions-framework/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryPersistence } from "../../emulators/kit/store.ts";
import { arrivedTexts, openEventarc, TOPIC, type EventarcBench } from "./eventarc-bench.ts";
import { openBench, type Bench } from "./pubsub-bench.ts";
import { toJson } from "./pubsub-endpoint.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

let bench: EventarcBench;
let clients: Bench;

beforeEach(async () => {
  bench = await openEventarc();
  clients = openBench(bench.pubsub.grpcAddress);
});

afterEach(async () => {
  await clients.close();
  await bench.close();
});

async function receive(message: object): Promise<readonly CloudEvent<unknown>[]> {
  const events: CloudEvent<unknown>[] = [];
  cloudEvent("on-message", (event: CloudEvent<unknown>) => void events.push(event));
  const server = getTestServer("on-message").listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  bench.eventarc.addTrigger({
    name: "on-message-123456",
    topic: TOPIC,
    destination: `http://127.0.0.1:${port}/`,
    retry: true,
  });
  await clients.client.topic(TOPIC).publishMessage(message);
  await bench.eventarc.idle();
  server.close();
  server.closeAllConnections();
  // An acknowledged event does not come again.
  await bench.pass(HOUR_MS);
  return events;
}

describe("a function on the functions framework", () => {
  test("gets a published message as a CloudEvent", async () => {
    const data = Buffer.from('{"action":"INSERT"}');
    const [event, ...others] = await receive({ data, attributes: { key: "value" } });
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      specversion: "1.0",
      type: "google.cloud.pubsub.topic.v1.messagePublished",
      source: "//pubsub.googleapis.com/projects/acme/topics/gcr",
      time: "2026-11-20T10:00:00Z",
      datacontenttype: "application/json",
      topic: "gcr",
    });
    expect(event?.data).toEqual({
      message: {
        data: data.toString("base64"),
        attributes: { key: "value" },
        messageId: event?.id,
        message_id: event?.id,
        publishTime: "2026-11-20T10:00:00Z",
        publish_time: "2026-11-20T10:00:00Z",
        orderingKey: "",
      },
      subscription: expect.stringMatching(
        /^projects\/acme\/subscriptions\/eventarc-us-central1-on-message-123456-sub-\d{3}$/u,
      ) as unknown,
    });
  });

  test("gets a message without data as an event, too", async () => {
    const attributes = { Action: "Succeed", ResourceType: "Rollout" };
    const [event] = await receive({ attributes });
    expect(event?.type).toBe("google.cloud.pubsub.topic.v1.messagePublished");
    expect(event?.data).toMatchObject({ message: { attributes, messageId: event?.id } });
    expect(event?.data).not.toHaveProperty("message.data");
  });
});

describe("what is posted", () => {
  test("is in binary mode, with the message's id and time in the headers", async () => {
    const endpoint = await bench.open();
    bench.trigger(endpoint);
    bench.publish("text");
    await bench.eventarc.idle();
    expect(endpoint.arrived[0]?.headers).toMatchObject({
      "ce-id": endpoint.messageIds()[0],
      "ce-source": `//pubsub.googleapis.com/${TOPIC}`,
      "ce-specversion": "1.0",
      "ce-time": "2026-11-20T10:00:00Z",
      "ce-topic": "gcr",
      "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
      "content-type": "application/json",
    });
    expect(endpoint.arrived[0]?.headers).not.toHaveProperty("authorization");
    expect(toJson(endpoint.arrived[0])).not.toHaveProperty("deliveryAttempt");
  });

  test("carries the token of the trigger's service account", async () => {
    const endpoint = await bench.open();
    bench.trigger(endpoint, { serviceAccount: "fn@acme.iam.gserviceaccount.com" });
    bench.publish("text");
    await bench.eventarc.idle();
    expect(endpoint.arrived[0]?.headers.authorization).toBe(
      `Bearer token of fn@acme.iam.gserviceaccount.com for ${endpoint.url}`,
    );
  });
});

describe("a trigger with retries", () => {
  test("waits 10 seconds after a failure, then twice as long each time, up to 600", async () => {
    const endpoint = await bench.open((number) => (number <= 8 ? 500 : 204));
    bench.trigger(endpoint);
    bench.publish("text");
    await bench.eventarc.idle();
    let count = 1;
    for (const waitSeconds of [10, 20, 40, 80, 160, 320, 600, 600]) {
      await bench.pass(waitSeconds * SECOND_MS - 1);
      expect(endpoint.arrived).toHaveLength(count);
      await bench.pass(1);
      count += 1;
      expect(endpoint.arrived).toHaveLength(count);
    }
    await bench.pass(HOUR_MS);
    expect(endpoint.arrived).toHaveLength(count);
    expect(new Set(endpoint.messageIds()).size).toBe(1);
  });

  test("has the backoff that it is given", async () => {
    const endpoint = await bench.open(() => 500);
    bench.trigger(endpoint, { minimumBackoffMs: 100, maximumBackoffMs: 150 });
    bench.publish("text");
    await bench.eventarc.idle();
    await bench.pass(100);
    await bench.pass(150);
    expect(endpoint.arrived).toHaveLength(3);
  });

  test("gives up after 24 hours", async () => {
    const endpoint = await bench.open(() => 500);
    bench.trigger(endpoint);
    bench.publish("text");
    await bench.eventarc.idle();
    for (let minutes = 10; minutes <= 24 * 60; minutes += 10) {
      await bench.pass(600 * SECOND_MS);
    }
    const count = endpoint.arrived.length;
    expect(count).toBeGreaterThan(140);
    await bench.pass(HOUR_MS);
    expect(endpoint.arrived).toHaveLength(count);
  });

  test("takes a refused connection for a failure", async () => {
    const gone = await bench.open();
    await gone.close();
    bench.trigger(gone);
    bench.publish("text");
    await bench.eventarc.idle();
    const endpoint = await bench.open();
    bench.trigger(endpoint);
    await bench.pass(10 * SECOND_MS);
    expect(arrivedTexts(endpoint)).toEqual(["text"]);
  });

  test("cuts a function off at the ack deadline and tries again", async () => {
    const endpoint = await bench.open((number) => (number === 1 ? null : 204));
    bench.trigger(endpoint, { ackDeadlineMs: 60 * SECOND_MS });
    bench.publish("text");
    await endpoint.holds(1);
    await bench.clock.advance(60 * SECOND_MS);
    await bench.pass(10 * SECOND_MS);
    expect(endpoint.arrived).toHaveLength(2);
  });

  test("sends to a dead-letter topic after five attempts, which it counts", async () => {
    const dead = await clients.makePair();
    const deadTopic = `projects/acme/topics/${dead.topic}`;
    const endpoint = await bench.open(() => 500);
    bench.trigger(endpoint, { deadLetter: { topic: deadTopic, attemptsMax: 5 } });
    bench.publish("poison");
    await bench.eventarc.idle();
    for (const waitSeconds of [10, 20, 40, 80, 160]) {
      await bench.pass(waitSeconds * SECOND_MS);
    }
    const attempts = endpoint.arrived.map(toJson);
    expect(attempts).toMatchObject([1, 2, 3, 4, 5].map((deliveryAttempt) => ({ deliveryAttempt })));
    const [forwarded] = await clients.pull(dead.name);
    expect(forwarded?.text).toBe("poison");
  });
});

describe("a trigger without retries", () => {
  test("drops an event after its first failure", async () => {
    const endpoint = await bench.open(() => 500);
    bench.trigger(endpoint, { retry: false });
    bench.publish("text");
    await bench.eventarc.idle();
    await bench.pass(HOUR_MS);
    expect(endpoint.arrived).toHaveLength(1);
  });

  test("drops an event at the ack deadline", async () => {
    const endpoint = await bench.open((number) => (number === 1 ? null : 204));
    bench.trigger(endpoint, { retry: false, ackDeadlineMs: 10 * SECOND_MS });
    bench.publish("text");
    await endpoint.holds(1);
    await bench.pass(10 * SECOND_MS);
    await bench.pass(10 * SECOND_MS);
    expect(endpoint.arrived).toHaveLength(1);
  });
});

describe("a trigger", () => {
  test("has a subscription that the API shows", async () => {
    const name = bench.trigger(await bench.open());
    const [subscriptions] = await clients.client.topic(TOPIC).getSubscriptions();
    expect(subscriptions.map((one) => one.name)).toEqual([name]);
    const [metadata] = await clients.client.subscription(name).getMetadata();
    expect(metadata).toMatchObject({
      messageRetentionDuration: { seconds: "86400" },
      retryPolicy: { minimumBackoff: { seconds: "10" }, maximumBackoff: { seconds: "600" } },
      ackDeadlineSeconds: 600,
    });
  });

  test("has no more events under way than its concurrency", async () => {
    const answers: (() => void)[] = [];
    const endpoint = await bench.open(
      () => new Promise((resolve) => void answers.push(() => resolve(204))),
    );
    bench.trigger(endpoint, { concurrencyMax: 2 });
    bench.publish("1", "2", "3");
    await endpoint.holds(2);
    expect(endpoint.arrived).toHaveLength(2);
    answers.splice(0).forEach((answer) => answer());
    await endpoint.holds(3);
    answers.splice(0).forEach((answer) => answer());
    await bench.eventarc.idle();
    expect([...arrivedTexts(endpoint)].toSorted()).toEqual(["1", "2", "3"]);
  });

  test("that is removed sends nothing, and its subscription goes", async () => {
    const endpoint = await bench.open(() => 500);
    bench.trigger(endpoint);
    bench.publish("text");
    await bench.eventarc.idle();
    bench.eventarc.removeTrigger("fn-1");
    await bench.pass(HOUR_MS);
    expect(endpoint.arrived).toHaveLength(1);
    expect(bench.eventarc.triggers()).toEqual([]);
    const [subscriptions] = await clients.client.getSubscriptions();
    expect(subscriptions).toEqual([]);
  });
});

test("what was undelivered or under way when the emulator stopped is delivered after a restart", async () => {
  const persistence = memoryPersistence();
  const before = await openEventarc({ persistence });
  const stuck = await before.open((number) => (number === 1 ? 204 : null));
  before.trigger(stuck, { concurrencyMax: 1 });
  before.publish("done");
  await before.eventarc.idle();
  before.publish("under way", "waiting");
  await stuck.holds(2);
  await before.close();
  const after = await openEventarc({ persistence });
  const endpoint = await after.open();
  await after.eventarc.idle();
  expect(endpoint.arrived).toEqual([]);
  after.trigger(endpoint, { concurrencyMax: 1 });
  await after.eventarc.idle();
  expect(arrivedTexts(endpoint)).toEqual(["under way", "waiting"]);
  await after.close();
});
