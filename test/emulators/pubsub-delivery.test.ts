import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { manualClock, type ManualClock } from "../support/manual-clock.ts";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";
import { openBench, PROJECT, toTexts, type Bench } from "./pubsub-bench.ts";

const SECOND_MS = 1_000;
const DAY_MS = 86_400 * SECOND_MS;

let clock: ManualClock;
let pubsub: RunningPubsub;
let bench: Bench;

beforeEach(async () => {
  clock = manualClock();
  pubsub = await startPubsub({ clock });
  bench = openBench(pubsub.grpcAddress);
});

afterEach(async () => {
  await bench.close();
  await pubsub.close();
});

describe("the ack deadline", () => {
  test("brings a message again to a stream that did not acknowledge it, and not a moment early", async () => {
    const { topic, name } = await bench.makePair();
    const inbox = bench.openInbox(name, { onMessage: () => undefined });
    await bench.publish(topic, ["slow"]);
    await inbox.holds(1);
    // The library confirms what it got by setting the deadline anew.
    await expect.poll(() => pubsub.faults.calls("ModifyAckDeadline"), { interval: 2 }).toBe(1);
    await clock.advance(10 * SECOND_MS - 1);
    expect(await bench.pull(name)).toEqual([]);
    await clock.advance(1);
    await inbox.holds(2);
    await inbox.close();
    expect(inbox.messages[1]?.id).toBe(inbox.messages[0]?.id);
    expect(inbox.texts()).toEqual(["slow", "slow"]);
  });

  test("is extended by whoever needs longer", async () => {
    const { topic, name } = await bench.makePair();
    await bench.publish(topic, ["long"]);
    const received = await bench.pull(name);
    await clock.advance(9 * SECOND_MS);
    await bench.extend(name, received, 600);
    await clock.advance(599 * SECOND_MS);
    expect(await bench.pull(name)).toEqual([]);
    await clock.advance(SECOND_MS);
    expect(toTexts(await bench.pull(name))).toEqual(["long"]);
  });

  test("makes an acknowledgement that comes later worth nothing", async () => {
    const { topic, name } = await bench.makePair();
    await bench.publish(topic, ["late"]);
    const received = await bench.pull(name);
    await clock.advance(10 * SECOND_MS);
    await bench.acknowledge(name, received);
    expect(toTexts(await bench.pull(name))).toEqual(["late"]);
  });

  test("is not longer than ten minutes", async () => {
    const { topic, name } = await bench.makePair();
    await bench.publish(topic, ["any"]);
    const received = await bench.pull(name);
    await expect(bench.extend(name, received, 601)).rejects.toMatchObject({ code: 3 });
    await expect(bench.extend(name, received, -1)).rejects.toMatchObject({ code: 3 });
  });
});

describe("a retry policy", () => {
  test("doubles the wait from its minimum to its maximum", async () => {
    const { topic, name } = await bench.makePair({
      retryPolicy: { minimumBackoff: { seconds: 10 }, maximumBackoff: { seconds: 30 } },
    });
    await bench.publish(topic, ["again"]);
    for (const waitSeconds of [10, 20, 30, 30]) {
      await bench.extend(name, await bench.pull(name), 0);
      await clock.advance(waitSeconds * SECOND_MS - 1);
      expect(await bench.pull(name)).toEqual([]);
      await clock.advance(1);
    }
    expect(toTexts(await bench.pull(name))).toEqual(["again"]);
  });

  test("holds back an ordering key as long as its oldest message waits, and no other key", async () => {
    const { topic, name } = await bench.makePair({
      enableMessageOrdering: true,
      retryPolicy: { minimumBackoff: { seconds: 10 } },
    });
    await bench.publish(topic, ["a1", "a2"], "a");
    const first = await bench.pull(name);
    expect(toTexts(first)).toEqual(["a1", "a2"]);
    await bench.extend(name, first, 0);
    await bench.publish(topic, ["b1"], "b");
    const other = await bench.pull(name);
    expect(toTexts(other)).toEqual(["b1"]);
    await bench.acknowledge(name, other);
    await clock.advance(10 * SECOND_MS);
    const again = await bench.pull(name);
    expect(toTexts(again)).toEqual(["a1", "a2"]);
  });
});

describe("a dead-letter policy", () => {
  test("counts passed deadlines too, and forwards after five attempts with the original's time", async () => {
    const dead = await bench.makePair();
    const { topic, name } = await bench.makePair({
      enableMessageOrdering: true,
      deadLetterPolicy: {
        deadLetterTopic: `projects/${PROJECT}/topics/${dead.topic}`,
        maxDeliveryAttempts: 5,
      },
    });
    await bench.publish(topic, ["poison", "next"], "key");
    const inbox = bench.openInbox(name, { onMessage: () => undefined });
    for (const attempt of [1, 2, 3, 4, 5]) {
      await inbox.holds(attempt * 2);
      const { deliveryAttempt } = inbox.messages[attempt * 2 - 2] ?? {};
      expect(deliveryAttempt).toBe(attempt);
      // The library confirms what it got by setting the deadlines anew.
      await expect
        .poll(() => pubsub.faults.calls("ModifyAckDeadline"), { interval: 2 })
        .toBe(attempt);
      await clock.advance(10 * SECOND_MS);
    }
    await inbox.holds(11);
    await inbox.close();
    expect(inbox.texts().slice(8)).toEqual(["poison", "next", "next"]);
    // What only stood behind it did not fail with it.
    expect(inbox.messages[9]?.deliveryAttempt).toBe(1);
    const forwarded = bench.openInbox(dead.name);
    await forwarded.holds(1);
    await forwarded.close();
    expect(forwarded.texts()).toEqual(["poison"]);
    expect(forwarded.messages[0]?.attributes).toEqual({
      CloudPubSubDeadLetterSourceDeliveryCount: "5",
      CloudPubSubDeadLetterSourceSubscription: name,
      CloudPubSubDeadLetterSourceSubscriptionProject: PROJECT,
      CloudPubSubDeadLetterSourceTopicPublishTime: "2026-11-20T10:00:00Z",
    });
  });

  test.each([
    ["fewer than five attempts", { maxDeliveryAttempts: 4 }, 11],
    ["more than a hundred", { maxDeliveryAttempts: 101 }, 11],
    ["a topic that does not exist", { deadLetterTopic: "projects/acme/topics/missing" }, 5],
  ])("is refused with %s", async (_what, change, code) => {
    const { topic } = await bench.makePair();
    const deadLetterPolicy = { deadLetterTopic: `projects/${PROJECT}/topics/${topic}`, ...change };
    await expect(bench.makePair({ deadLetterPolicy })).rejects.toMatchObject({ code });
  });
});

describe("retention", () => {
  test("drops a message that nobody took in seven days, and not a moment early", async () => {
    const { topic, name } = await bench.makePair();
    await bench.publish(topic, ["old"]);
    await clock.advance(7 * DAY_MS - 1);
    const received = await bench.pull(name);
    expect(toTexts(received)).toEqual(["old"]);
    await bench.extend(name, received, 0);
    await clock.advance(1);
    expect(await bench.pull(name)).toEqual([]);
  });
});

describe("a streaming pull", () => {
  test("has no more messages out than its flow control allows", async () => {
    const { topic, name } = await bench.makePair();
    const waiting: (() => void)[] = [];
    const inbox = bench.openInbox(name, {
      flowControl: { maxMessages: 2 },
      streamingOptions: { maxStreams: 1 },
      onMessage: (message) => void waiting.push(() => message.ack()),
    });
    await bench.publish(topic, ["1", "2", "3"]);
    await inbox.holds(2);
    expect(toTexts(await bench.pull(name))).toEqual(["3"]);
    waiting.forEach((acknowledge) => acknowledge());
    await inbox.close();
    expect(inbox.texts()).toEqual(["1", "2"]);
  });

  test("shares the messages with another one", async () => {
    const { topic, name } = await bench.makePair();
    const options = { streamingOptions: { maxStreams: 1 }, onMessage: () => undefined };
    const inboxes = [bench.openInbox(name, options), bench.openInbox(name, options)];
    await bench.publish(topic, ["warm-up", "warm-up"]);
    await expect.poll(() => inboxes.flatMap((one) => one.texts()).length, { interval: 2 }).toBe(2);
    await expect
      .poll(async () => {
        await bench.publish(topic, ["1", "2"]);
        return inboxes.every((one) => one.messages.length > 0);
      })
      .toBe(true);
    await Promise.all(inboxes.map((one) => one.close()));
  });

  test("ends with NOT_FOUND when its subscription is deleted", async () => {
    const { name } = await bench.makePair();
    const subscription = bench.client.subscription(name);
    const failed = new Promise<unknown>((resolve) => void subscription.once("error", resolve));
    subscription.on("message", () => undefined);
    await expect
      .poll(() => pubsub.faults.calls("StreamingPull"), { interval: 2 })
      .toBeGreaterThan(0);
    await bench.client.subscription(name).delete();
    expect(await failed).toMatchObject({ code: 5 });
  });
});

describe("a pull", () => {
  test("waits for a first message", async () => {
    const { topic, name } = await bench.makePair();
    const url = `${pubsub.url}/v1/projects/${PROJECT}/subscriptions/${name}:pull`;
    const pulling = fetch(url, { method: "POST", body: JSON.stringify({ maxMessages: 1 }) });
    await expect.poll(() => pubsub.faults.calls("Pull"), { interval: 2 }).toBe(1);
    await bench.publish(topic, ["first"]);
    const body: unknown = await (await pulling).json();
    expect(body).toMatchObject({
      receivedMessages: [{ message: { data: Buffer.from("first").toString("base64") } }],
    });
  });

  test("answers with nothing after five seconds", async () => {
    const { name } = await bench.makePair();
    const url = `${pubsub.url}/v1/projects/${PROJECT}/subscriptions/${name}:pull`;
    const pulling = fetch(url, { method: "POST", body: JSON.stringify({ maxMessages: 1 }) });
    await expect.poll(() => pubsub.faults.calls("Pull"), { interval: 2 }).toBe(1);
    await clock.advance(5 * SECOND_MS);
    expect(await (await pulling).json()).toEqual({});
  });
});
