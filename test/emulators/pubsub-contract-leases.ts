import { expect } from "vitest";
import { PROJECT, toPath, toTexts } from "./pubsub-bench.ts";
import type { Checks } from "./pubsub-contract-checks.ts";

const INVALID_ARGUMENT = { code: 3 };

/** Who has a message, until when, and what becomes of it then. */
export function checkLeases({ check, bench }: Checks): void {
  check("what was published before a subscription was there does not come", async () => {
    const { topic } = await bench().makePair();
    const name = bench().freshName();
    await bench().publish(topic, ["before"]);
    await bench().client.topic(topic).createSubscription(name);
    await bench().publish(topic, ["after"]);
    expect(toTexts(await bench().pullUntil(name, 1))).toEqual(["after"]);
  });

  check("a pull brings no more than it asks for", async () => {
    const { topic, name } = await bench().makePair();
    await bench().publish(topic, ["1", "2", "3"]);
    const request = { subscription: toPath(name), maxMessages: 2, returnImmediately: true };
    const [{ receivedMessages }] = await bench().subscriber.pull(request);
    expect(receivedMessages).toHaveLength(2);
    expect(await bench().pull(name)).toHaveLength(1);
  });

  check("a pull of nothing is refused", async () => {
    const { name } = await bench().makePair();
    const request = { subscription: toPath(name), maxMessages: 0, returnImmediately: true };
    await expect(bench().subscriber.pull(request)).rejects.toMatchObject(INVALID_ARGUMENT);
  });

  check("a pull waits for a first message", async () => {
    const { topic, name } = await bench().makePair();
    const pulling = bench().subscriber.pull({ subscription: toPath(name), maxMessages: 10 });
    await bench().publish(topic, ["first"]);
    const [{ receivedMessages }] = await pulling;
    expect(Buffer.from(receivedMessages?.[0]?.message?.data ?? "").toString()).toBe("first");
  });

  check(
    "a message whose deadline has passed comes again, and its ack id is worth nothing",
    async () => {
      const { topic, name } = await bench().makePair();
      await bench().publish(topic, ["late"]);
      const first = await bench().pullUntil(name, 1);
      await bench().extend(name, first, 1);
      expect(await bench().pull(name)).toEqual([]);
      const second = await bench().pullUntil(name, 1);
      await bench().acknowledge(name, first);
      await bench().extend(name, second, 0);
      expect(toTexts(await bench().pullUntil(name, 1))).toEqual(["late"]);
    },
  );

  check("a deadline is moved by 0 to 600 seconds", async () => {
    const { topic, name } = await bench().makePair();
    await bench().publish(topic, ["any"]);
    const received = await bench().pullUntil(name, 1);
    await bench().extend(name, received, 600);
    for (const seconds of [-1, 601]) {
      await expect(bench().extend(name, received, seconds)).rejects.toMatchObject(INVALID_ARGUMENT);
    }
  });

  check("an acknowledgement of nothing is refused", async () => {
    const { name } = await bench().makePair();
    await expect(bench().acknowledge(name, [])).rejects.toMatchObject(INVALID_ARGUMENT);
    await expect(bench().extend(name, [], 10)).rejects.toMatchObject(INVALID_ARGUMENT);
  });

  check("what is acknowledged twice stays acknowledged", async () => {
    const { topic, name } = await bench().makePair();
    await bench().publish(topic, ["once"]);
    const received = await bench().pullUntil(name, 1);
    await bench().acknowledge(name, received);
    await bench().acknowledge(name, received);
    expect(await bench().pull(name)).toEqual([]);
  });

  check("a retry policy lets a refused message wait", async () => {
    const { topic, name } = await bench().makePair({
      retryPolicy: { minimumBackoff: { seconds: 1 }, maximumBackoff: { seconds: 1 } },
    });
    await bench().publish(topic, ["again"]);
    await bench().extend(name, await bench().pullUntil(name, 1), 0);
    expect(await bench().pull(name)).toEqual([]);
    expect(toTexts(await bench().pullUntil(name, 1))).toEqual(["again"]);
  });

  check("attempts are not counted without a dead-letter policy", async () => {
    const { topic, name } = await bench().makePair();
    await bench().publish(topic, ["plain"]);
    await bench().extend(name, await bench().pullUntil(name, 1), 0);
    expect(await bench().pullUntil(name, 1)).toMatchObject([{ deliveryAttempt: 0 }]);
  });

  check("with exactly-once delivery an acknowledgement that comes late is refused", async () => {
    const { topic, name } = await bench().makePair({ enableExactlyOnceDelivery: true });
    await bench().publish(topic, ["exact"]);
    const received = await bench().pullUntil(name, 1);
    await bench().extend(name, received, 0);
    await expect(bench().acknowledge(name, received)).rejects.toMatchObject({
      code: 3,
      reason: "EXACTLY_ONCE_ACKID_FAILURE",
    });
  });

  check("what a deleted subscription had does not come to one made again", async () => {
    const { topic, name } = await bench().makePair();
    await bench().publish(topic, ["old"]);
    await bench().client.subscription(name).delete();
    await bench().client.topic(topic).createSubscription(name);
    expect(await bench().pull(name)).toEqual([]);
  });

  check("seeking to a snapshot that is not there is refused with NOT_FOUND", async () => {
    const { name } = await bench().makePair();
    const request = {
      subscription: toPath(name),
      snapshot: `projects/${PROJECT}/snapshots/missing`,
    };
    await expect(bench().subscriber.seek(request)).rejects.toMatchObject({ code: 5 });
  });

  check("seeking back over what was not retained brings nothing", async () => {
    const { topic, name } = await bench().makePair();
    await bench().publish(topic, ["gone"]);
    await bench().acknowledge(name, await bench().pullUntil(name, 1));
    await bench().client.subscription(name).seek(new Date("2000-01-01"));
    expect(await bench().pull(name)).toEqual([]);
  });

  check("a topic's own retention lets a later subscription seek back", async () => {
    const topic = bench().freshName();
    const name = bench().freshName();
    await bench().client.createTopic({ name: topic, messageRetentionDuration: { seconds: 600 } });
    await bench().publish(topic, ["kept"]);
    await bench().client.topic(topic).createSubscription(name);
    await bench().client.subscription(name).seek(new Date("2000-01-01"));
    expect(toTexts(await bench().pullUntil(name, 1))).toEqual(["kept"]);
  });
}

/** The messages of an ordering key. */
export function checkKeys({ check, bench }: Checks): void {
  check(
    "several messages of an ordering key come in one pull, and no more before they are acknowledged",
    async () => {
      const { topic, name } = await bench().makePair({ enableMessageOrdering: true });
      await bench().publish(topic, ["1", "2"], "key");
      const first = await bench().pullUntil(name, 2);
      await bench().publish(topic, ["3"], "key");
      expect(toTexts(first)).toEqual(["1", "2"]);
      expect(await bench().pull(name)).toEqual([]);
      await bench().acknowledge(name, first);
      expect(toTexts(await bench().pullUntil(name, 1))).toEqual(["3"]);
    },
  );

  check("an ordering key does not wait for another, nor what has no key for either", async () => {
    const { topic, name } = await bench().makePair({ enableMessageOrdering: true });
    await bench().publish(topic, ["a"], "a");
    await bench().pullUntil(name, 1);
    await bench().publish(topic, ["b"], "b");
    await bench().publish(topic, ["none"]);
    const others = await bench().pullUntil(name, 2);
    expect([...toTexts(others)].toSorted()).toEqual(["b", "none"]);
  });

  check(
    "messages of an ordering key come again in their order when the first is late",
    async () => {
      const { topic, name } = await bench().makePair({ enableMessageOrdering: true });
      await bench().publish(topic, ["1", "2", "3"], "key");
      const given = await bench().pullUntil(name, 3);
      await bench().extend(name, given, 1);
      expect(toTexts(await bench().pullUntil(name, 3))).toEqual(["1", "2", "3"]);
    },
  );

  check(
    "what was acknowledged behind a refused message of its ordering key comes again",
    async () => {
      const { topic, name } = await bench().makePair({ enableMessageOrdering: true });
      await bench().publish(topic, ["1", "2", "3"], "key");
      const given = await bench().pullUntil(name, 3);
      await bench().acknowledge(name, given.slice(2));
      await bench().extend(name, given.slice(0, 1), 0);
      expect(toTexts(await bench().pullUntil(name, 3))).toEqual(["1", "2", "3"]);
    },
  );

  check("without ordering a subscription does not care for keys", async () => {
    const { topic, name } = await bench().makePair();
    await bench().publish(topic, ["1"], "key");
    await bench().pullUntil(name, 1);
    await bench().publish(topic, ["2"], "key");
    expect(toTexts(await bench().pullUntil(name, 1))).toEqual(["2"]);
  });
}
