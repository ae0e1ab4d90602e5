import { expect } from "vitest";
import { PROJECT, toPath } from "./pubsub-bench.ts";
import type { Checks } from "./pubsub-contract-checks.ts";

const DAY_SECONDS = 86_400;
const INVALID_ARGUMENT = { code: 3 };
const NOT_FOUND = { code: 5 };
const OUT_OF_RANGE = { code: 11 };

/** What topics and subscriptions may be set to, changed and listed. */
export function checkSettings(checks: Checks): void {
  checkUpdates(checks);
  checkRanges(checks);
  checkLists(checks);
  checkMissing(checks);
}

function checkUpdates({ check, bench }: Checks): void {
  check("an update changes what its mask names and nothing else", async () => {
    const { topic, name } = await bench().makePair();
    const [changed] = await bench().subscriber.updateSubscription({
      subscription: {
        name: toPath(name),
        topic: `projects/${PROJECT}/topics/${topic}`,
        ackDeadlineSeconds: 60,
        retainAckedMessages: true,
      },
      updateMask: { paths: ["ack_deadline_seconds"] },
    });
    expect(changed).toMatchObject({ ackDeadlineSeconds: 60, retainAckedMessages: false });
  });

  check("a subscription's labels are updated", async () => {
    const { name } = await bench().makePair();
    const [changed] = await bench().subscriber.updateSubscription({
      subscription: { name: toPath(name), labels: { team: "a" } },
      updateMask: { paths: ["labels"] },
    });
    expect(changed.labels).toEqual({ team: "a" });
  });

  check("an update without a mask is refused", async () => {
    const { name } = await bench().makePair();
    const subscription = { name: toPath(name), ackDeadlineSeconds: 60 };
    await expect(bench().subscriber.updateSubscription({ subscription })).rejects.toMatchObject(
      INVALID_ARGUMENT,
    );
  });

  for (const path of ["topic", "name", "enable_message_ordering", "filter", "nonsense"]) {
    check(`an update of a subscription's ${path} is refused`, async () => {
      const { name } = await bench().makePair();
      const update = {
        subscription: { name: toPath(name), topic: `projects/${PROJECT}/topics/other` },
        updateMask: { paths: [path] },
      };
      await expect(bench().subscriber.updateSubscription(update)).rejects.toMatchObject(
        INVALID_ARGUMENT,
      );
    });
  }

  check("an update of a topic's name is refused", async () => {
    const { topic } = await bench().makePair();
    const update = {
      topic: { name: `projects/${PROJECT}/topics/${topic}` },
      updateMask: { paths: ["name"] },
    };
    await expect(bench().publisher.updateTopic(update)).rejects.toMatchObject(INVALID_ARGUMENT);
  });

  check("a subscription is pulled from, pushed to and pulled from again", async () => {
    const { name } = await bench().makePair();
    const subscription = bench().client.subscription(name);
    const endpoint = "https://example.com/push";
    await subscription.modifyPushConfig({ pushEndpoint: endpoint });
    const [pushed] = await subscription.getMetadata();
    expect(pushed.pushConfig?.pushEndpoint).toBe(endpoint);
    await subscription.modifyPushConfig({});
    const [pulled] = await subscription.getMetadata();
    expect(pulled.pushConfig?.pushEndpoint ?? "").toBe("");
    expect(await bench().pull(name)).toEqual([]);
  });
}

function checkRanges({ check, bench }: Checks): void {
  check("an ack deadline is 10 to 600 seconds from the start", async () => {
    await bench().makePair({ ackDeadlineSeconds: 600 });
    for (const ackDeadlineSeconds of [9, 601]) {
      await expect(bench().makePair({ ackDeadlineSeconds })).rejects.toMatchObject(
        INVALID_ARGUMENT,
      );
    }
  });

  check("messages are retained for ten minutes to 31 days", async () => {
    await bench().makePair({ messageRetentionDuration: { seconds: 600 } });
    await bench().makePair({ messageRetentionDuration: { seconds: 31 * DAY_SECONDS } });
    for (const seconds of [599, 31 * DAY_SECONDS + 1]) {
      await expect(
        bench().makePair({ messageRetentionDuration: { seconds } }),
      ).rejects.toMatchObject(INVALID_ARGUMENT);
    }
  });

  check(
    "a topic retains messages for ten minutes to 31 days, and its subscriptions say so",
    async () => {
      const name = bench().freshName();
      const [topic] = await bench().client.createTopic({
        name,
        messageRetentionDuration: { seconds: 600 },
      });
      const [, subscription] = await topic.createSubscription(bench().freshName());
      expect(subscription.topicMessageRetentionDuration?.seconds).toBe("600");
      for (const seconds of [599, 31 * DAY_SECONDS + 1]) {
        const refused = bench().client.createTopic({
          name: bench().freshName(),
          messageRetentionDuration: { seconds },
        });
        await expect(refused).rejects.toMatchObject(INVALID_ARGUMENT);
      }
    },
  );

  check("a subscription expires after a day at the earliest", async () => {
    await bench().makePair({ expirationPolicy: { ttl: { seconds: DAY_SECONDS } } });
    await expect(
      bench().makePair({ expirationPolicy: { ttl: { seconds: DAY_SECONDS - 1 } } }),
    ).rejects.toMatchObject(INVALID_ARGUMENT);
  });

  check(
    "a retry policy waits at most ten minutes, and not longer at first than later",
    async () => {
      const ten = { seconds: 600 };
      await bench().makePair({
        retryPolicy: { minimumBackoff: { seconds: 0 }, maximumBackoff: ten },
      });
      for (const retryPolicy of [
        { minimumBackoff: { seconds: 601 } },
        { minimumBackoff: { seconds: 20 }, maximumBackoff: { seconds: 10 } },
      ]) {
        await expect(bench().makePair({ retryPolicy })).rejects.toMatchObject(INVALID_ARGUMENT);
      }
    },
  );

  check("a dead-letter policy has 5 to 100 attempts", async () => {
    const { topic } = await bench().makePair();
    const deadLetterTopic = `projects/${PROJECT}/topics/${topic}`;
    await bench().makePair({ deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts: 100 } });
    for (const maxDeliveryAttempts of [4, 101]) {
      await expect(
        bench().makePair({ deadLetterPolicy: { deadLetterTopic, maxDeliveryAttempts } }),
      ).rejects.toMatchObject(OUT_OF_RANGE);
    }
  });

  check(
    "a dead-letter policy has five attempts when it does not say, and needs its topic",
    async () => {
      const { topic } = await bench().makePair();
      const deadLetterTopic = `projects/${PROJECT}/topics/${topic}`;
      const { name } = await bench().makePair({ deadLetterPolicy: { deadLetterTopic } });
      const [metadata] = await bench().client.subscription(name).getMetadata();
      expect(metadata.deadLetterPolicy).toMatchObject({ deadLetterTopic, maxDeliveryAttempts: 5 });
      const missing = { deadLetterTopic: `projects/${PROJECT}/topics/missing` };
      await expect(bench().makePair({ deadLetterPolicy: missing })).rejects.toMatchObject(
        NOT_FOUND,
      );
    },
  );

  check("a push endpoint is an address over HTTP", async () => {
    for (const pushEndpoint of ["ftp://example.com", "nonsense"]) {
      await expect(bench().makePair({ pushEndpoint })).rejects.toMatchObject(INVALID_ARGUMENT);
    }
  });
}

function checkLists({ check, bench }: Checks): void {
  check("topics and subscriptions are listed in pages, each once", async () => {
    const project = "projects/paged";
    for (const number of [1, 2, 3]) {
      await bench().rest("PUT", `${project}/topics/topic-${number}`, {});
      await bench().rest("PUT", `${project}/subscriptions/subscription-${number}`, {
        topic: `${project}/topics/topic-1`,
      });
    }
    const lists = ["topics", "subscriptions", "topics/topic-1/subscriptions"];
    for (const list of lists) {
      const first = await bench().rest("GET", `${project}/${list}?pageSize=2`);
      expect(first.items).toHaveLength(2);
      const token = encodeURIComponent(first.nextPageToken);
      const second = await bench().rest("GET", `${project}/${list}?pageSize=2&pageToken=${token}`);
      expect(second.items).toHaveLength(1);
      expect(second.nextPageToken).toBe("");
      expect(
        new Set([...first.items, ...second.items].map((one) => JSON.stringify(one))).size,
      ).toBe(3);
    }
  });

  check("a page token that is none is refused", async () => {
    const { status } = await bench().rest("GET", `projects/${PROJECT}/topics?pageToken=x`);
    expect(status).toBe(400);
  });

  check("lists of a project show nothing of another", async () => {
    await bench().makePair();
    const { status, items } = await bench().rest("GET", "projects/empty/subscriptions");
    expect({ status, items }).toEqual({ status: 200, items: [] });
  });
}

function checkMissing({ check, bench }: Checks): void {
  check("what is done with a missing subscription is refused", async () => {
    const subscription = toPath("missing");
    const { subscriber } = bench();
    const calls = [
      subscriber.getSubscription({ subscription }),
      subscriber.deleteSubscription({ subscription }),
      subscriber.pull({ subscription, maxMessages: 1, returnImmediately: true }),
      subscriber.acknowledge({ subscription, ackIds: ["x"] }),
      subscriber.modifyAckDeadline({ subscription, ackIds: ["x"], ackDeadlineSeconds: 10 }),
      subscriber.modifyPushConfig({ subscription, pushConfig: {} }),
      subscriber.updateSubscription({
        subscription: { name: subscription, topic: "projects/acme/topics/x" },
        updateMask: { paths: ["labels"] },
      }),
    ];
    const answers = await Promise.allSettled(calls);
    answers.forEach((one) => expect(one).toMatchObject({ reason: NOT_FOUND }));
  });

  check("what is done with a missing topic is refused", async () => {
    const topic = `projects/${PROJECT}/topics/missing`;
    const { publisher } = bench();
    const calls = [
      publisher.getTopic({ topic }),
      publisher.deleteTopic({ topic }),
      publisher.listTopicSubscriptions({ topic }),
      publisher.publish({ topic, messages: [{ data: Buffer.from("x") }] }),
      publisher.updateTopic({ topic: { name: topic }, updateMask: { paths: ["labels"] } }),
    ];
    const answers = await Promise.allSettled(calls);
    answers.forEach((one) => expect(one).toMatchObject({ reason: NOT_FOUND }));
  });

  check("a refusal names what it is about", async () => {
    await expect(bench().client.topic("missing-here").getMetadata()).rejects.toThrow(
      "missing-here",
    );
  });

  check("a topic that is made again has none of the subscriptions of the one before", async () => {
    const { topic, name } = await bench().makePair();
    await bench().client.topic(topic).delete();
    await bench().client.createTopic(topic);
    await bench().publish(topic, ["new"]);
    expect(await bench().pull(name)).toEqual([]);
    const [subscriptions] = await bench().client.topic(topic).getSubscriptions();
    expect(subscriptions).toEqual([]);
  });
}
