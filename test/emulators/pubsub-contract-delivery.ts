import { expect } from "vitest";
import { PROJECT, toTexts } from "./pubsub-bench.ts";
import type { Checks } from "./pubsub-contract-checks.ts";

/** Messages from a publisher to those who take them. */
export function checkDelivery(checks: Checks): void {
  checkStreams(checks);
  checkPulls(checks);
}

function checkStreams({ check, bench }: Checks): void {
  check("what is published arrives whole, at every subscription", async () => {
    const { topic, name } = await bench().makePair();
    const other = bench().freshName();
    await bench().client.topic(topic).createSubscription(other);
    const id = await bench()
      .client.topic(topic)
      .publishMessage({ data: Buffer.from([0, 255, 10]), attributes: { key: "välue" } });
    const inboxes = [bench().openInbox(name), bench().openInbox(other)];
    for (const inbox of inboxes) {
      await inbox.holds(1);
      expect(inbox.messages[0]?.id).toBe(id);
      expect([...(inbox.messages[0]?.data ?? [])]).toEqual([0, 255, 10]);
      expect(inbox.messages[0]?.attributes).toEqual({ key: "välue" });
      await inbox.close();
    }
  });

  check("message ids are unique and increase", async () => {
    const { topic } = await bench().makePair();
    const ids = (await bench().publish(topic, ["a", "b", "c", "d"], "key")).map(Number);
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
  });

  check("messages of one ordering key arrive in their order", async () => {
    const { topic, name } = await bench().makePair({ enableMessageOrdering: true });
    const texts = Array.from({ length: 30 }, (_, index) => `message ${index}`);
    await bench().publish(topic, texts, "key");
    const inbox = bench().openInbox(name);
    await inbox.holds(texts.length);
    await inbox.close();
    expect(inbox.texts()).toEqual(texts);
  });

  check(
    "a refused message comes again, and then those behind it with its ordering key",
    async () => {
      const { topic, name } = await bench().makePair({ enableMessageOrdering: true });
      await bench().publish(topic, ["first", "second", "third"], "key");
      let refusals = 0;
      const inbox = bench().openInbox(name, {
        onMessage: (message) => {
          if (message.data.toString() === "second" && refusals < 2) {
            refusals += 1;
            message.nack();
          } else {
            message.ack();
          }
        },
      });
      const seconds = (): number => inbox.texts().filter((one) => one === "second").length;
      await expect.poll(seconds, { timeout: 1_000, interval: 2 }).toBe(3);
      await expect.poll(() => inbox.texts().at(-1), { timeout: 2_000, interval: 2 }).toBe("third");
      await inbox.close();
      expect(inbox.texts()[0]).toBe("first");
    },
  );

  check("a filter lets through only what it names", async () => {
    const { topic, name } = await bench().makePair({
      filter:
        'attributes.Action = "Succeed" AND (hasPrefix(attributes.Kind, "Roll") OR NOT attributes:Kind)',
    });
    const publisher = bench().client.topic(topic);
    await publisher.publishMessage({ data: Buffer.from("no"), attributes: { Action: "Fail" } });
    await publisher.publishMessage({
      data: Buffer.from("also no"),
      attributes: { Action: "Succeed", Kind: "Release" },
    });
    await publisher.publishMessage({
      data: Buffer.from("yes"),
      attributes: { Action: "Succeed", Kind: "Rollout" },
    });
    await publisher.publishMessage({ data: Buffer.from("too"), attributes: { Action: "Succeed" } });
    const inbox = bench().openInbox(name);
    await inbox.holds(2);
    await inbox.close();
    expect([...inbox.texts()].toSorted()).toEqual(["too", "yes"]);
  });
}

function checkPulls({ check, bench }: Checks): void {
  check(
    "a message stays with who pulled it, comes again when refused, and goes when acknowledged",
    async () => {
      const { topic, name } = await bench().makePair();
      await bench().publish(topic, ["once"]);
      const first = await bench().pullUntil(name, 1);
      expect(await bench().pull(name)).toEqual([]);
      await bench().extend(name, first, 0);
      const second = await bench().pullUntil(name, 1);
      expect(toTexts(second)).toEqual(["once"]);
      await bench().acknowledge(name, second);
      await bench().extend(name, second, 0);
      expect(await bench().pull(name)).toEqual([]);
    },
  );

  check("an ack id that is none is refused", async () => {
    const { name } = await bench().makePair();
    const nonsense = [{ ackId: "nonsense", text: "", deliveryAttempt: 0 }];
    await expect(bench().acknowledge(name, nonsense)).rejects.toMatchObject({ code: 3 });
  });

  check(
    "a message that fails five times goes to the dead-letter topic and says where from",
    async () => {
      const dead = await bench().makePair();
      const { topic, name } = await bench().makePair({
        deadLetterPolicy: {
          deadLetterTopic: `projects/${PROJECT}/topics/${dead.topic}`,
          maxDeliveryAttempts: 5,
        },
      });
      await bench().publish(topic, ["poison"]);
      for (const attempt of [1, 2, 3, 4, 5]) {
        const received = await bench().pullUntil(name, 1);
        expect(received[0]?.deliveryAttempt).toBe(attempt);
        await bench().extend(name, received, 0);
      }
      expect(await bench().pull(name)).toEqual([]);
      const inbox = bench().openInbox(dead.name);
      await inbox.holds(1);
      await inbox.close();
      expect(inbox.texts()).toEqual(["poison"]);
      expect(inbox.messages[0]?.attributes).toMatchObject({
        CloudPubSubDeadLetterSourceDeliveryCount: "5",
        CloudPubSubDeadLetterSourceSubscription: name,
        CloudPubSubDeadLetterSourceSubscriptionProject: PROJECT,
      });
    },
  );

  check(
    "seeking back brings acknowledged messages again, seeking forward drops the rest",
    async () => {
      const { topic, name } = await bench().makePair({ retainAckedMessages: true });
      await bench().publish(topic, ["kept"]);
      await bench().acknowledge(name, await bench().pullUntil(name, 1));
      await bench().client.subscription(name).seek(new Date("2000-01-01"));
      const again = await bench().pullUntil(name, 1);
      expect(toTexts(again)).toEqual(["kept"]);
      await bench().extend(name, again, 0);
      await bench().client.subscription(name).seek(new Date("2100-01-01"));
      expect(await bench().pull(name)).toEqual([]);
    },
  );
}
