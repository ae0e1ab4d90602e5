import { expect } from "vitest";
import { PROJECT, toPath } from "./pubsub-bench.ts";
import type { Checks } from "./pubsub-contract-checks.ts";

/** Topics and subscriptions as resources. */
export function checkResources(checks: Checks): void {
  checkTopics(checks);
  checkSubscriptions(checks);
}

function checkTopics({ check, bench }: Checks): void {
  check("a topic is created once, found, listed and deleted", async () => {
    const name = bench().freshName();
    const [topic] = await bench().client.createTopic({ name, labels: { team: "a" } });
    await expect(bench().client.createTopic(name)).rejects.toMatchObject({ code: 6 });
    expect(await topic.exists()).toEqual([true]);
    const [metadata] = await topic.getMetadata();
    expect(metadata).toMatchObject({ name: topic.name, labels: { team: "a" } });
    const [topics] = await bench().client.getTopics();
    expect(topics.map((one) => one.name)).toContain(topic.name);
    await topic.delete();
    expect(await topic.exists()).toEqual([false]);
    await expect(bench().publish(name, ["x"])).rejects.toMatchObject({ code: 5 });
  });

  check("a topic's labels are updated, and nothing else", async () => {
    const [topic] = await bench().client.createTopic(bench().freshName());
    const [updated] = await topic.setMetadata({ labels: { team: "b" } });
    expect(updated).toMatchObject({ name: topic.name, labels: { team: "b" } });
  });

  check("a topic's name is checked", async () => {
    await expect(bench().client.createTopic("goog-topic")).rejects.toMatchObject({ code: 3 });
    await expect(bench().client.createTopic("1topic")).rejects.toMatchObject({ code: 3 });
    await expect(bench().client.createTopic("to")).rejects.toMatchObject({ code: 3 });
  });

  check("a message with neither data nor attributes is refused", async () => {
    const { topic } = await bench().makePair();
    await expect(
      bench()
        .client.topic(topic)
        .publishMessage({ data: Buffer.alloc(0) }),
    ).rejects.toMatchObject({
      code: 3,
    });
  });
}

function checkSubscriptions({ check, bench }: Checks): void {
  check("a subscription has the service's defaults", async () => {
    const { topic, name } = await bench().makePair();
    const [metadata] = await bench().client.subscription(name).getMetadata();
    expect(metadata).toMatchObject({
      topic: `projects/${PROJECT}/topics/${topic}`,
      ackDeadlineSeconds: 10,
      messageRetentionDuration: { seconds: "604800" },
    });
  });

  check("a new subscription is active and expires after 31 days", async () => {
    const { name } = await bench().makePair();
    const [metadata] = await bench().client.subscription(name).getMetadata();
    expect(metadata).toMatchObject({
      state: "ACTIVE",
      expirationPolicy: { ttl: { seconds: "2678400" } },
    });
  });

  check("a subscription is created once and needs its topic", async () => {
    const { topic, name } = await bench().makePair();
    await expect(bench().client.topic(topic).createSubscription(name)).rejects.toMatchObject({
      code: 6,
    });
    await expect(
      bench().client.topic("missing").createSubscription(bench().freshName()),
    ).rejects.toMatchObject({
      code: 5,
    });
  });

  check("a subscription outlives its topic and says so", async () => {
    const { topic, name } = await bench().makePair();
    await bench().client.topic(topic).delete();
    const [metadata] = await bench().client.subscription(name).getMetadata();
    expect(metadata.topic).toBe("_deleted-topic_");
  });

  check("the subscriptions of a topic are listed", async () => {
    const { topic, name } = await bench().makePair();
    await bench().makePair();
    const [subscriptions] = await bench().client.topic(topic).getSubscriptions();
    expect(subscriptions.map((one) => one.name)).toEqual([toPath(name)]);
  });

  check("an ack deadline is changed within its limits", async () => {
    const { name } = await bench().makePair();
    const subscription = bench().client.subscription(name);
    await subscription.setMetadata({ ackDeadlineSeconds: 60 });
    const [metadata] = await subscription.getMetadata();
    expect(metadata.ackDeadlineSeconds).toBe(60);
    await expect(subscription.setMetadata({ ackDeadlineSeconds: 9 })).rejects.toMatchObject({
      code: 3,
    });
    await expect(subscription.setMetadata({ ackDeadlineSeconds: 601 })).rejects.toMatchObject({
      code: 3,
    });
  });

  check("a filter that does not parse is refused", async () => {
    await expect(bench().makePair({ filter: "attributes.a = b" })).rejects.toMatchObject({
      code: 3,
    });
  });

  check("a detached subscription gives nothing any more", async () => {
    const { topic, name } = await bench().makePair();
    await bench().publish(topic, ["lost"]);
    await bench().client.detachSubscription(name);
    await expect(bench().pull(name)).rejects.toMatchObject({ code: 9 });
  });
}
