import { v1 } from "@google-cloud/pubsub";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

import { startPubsub } from "../../emulators/pubsub/server.ts";
import type { RunningPubsub } from "../../emulators/pubsub/server.ts";
import { verifyChain } from "../../shared/adapters/canonical-hash.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { AUDIT_TOPIC, pubsubFeed } from "../../shared/adapters/pubsub-feed.ts";
import { pubsubPublisher } from "../../shared/adapters/pubsub-publisher.ts";
import type { Feed } from "../../shared/ports/feed.ts";
import { EMPTY_CHAIN } from "../../shared/domain/audit-record.ts";
import { parseAuditMessage } from "../../shared/wire/audit-message.ts";
import { feedContract } from "../support/contracts/feed-contract.ts";
import { someFacts, someRecords } from "../support/contracts/samples.ts";
import { memoryPorts } from "../support/memory-ports.ts";

const TOPIC = `projects/slipway/topics/${AUDIT_TOPIC}`;
const READER = "projects/slipway/subscriptions/reader";

const Event = z.object({ id: z.string() });

feedContract("in memory", async () => {
  const { ports, world } = memoryPorts();
  return {
    feed: ports.feed,
    seen: async () => world.published.map(({ id }) => id),
    close: async () => {},
  };
});

feedContract("on Pub/Sub", async () => {
  const server = await startPubsub();
  const reader = await subscribe(server);
  return {
    feed: openFeed(server),
    seen: async () => {
      const messages = await readAll(reader);
      return [...new Set(messages.map(({ body }) => Event.parse(body).id))];
    },
    close: async () => {
      await reader.close();
      await server.close();
    },
  };
});

describe("the audit feed's messages", () => {
  let server: RunningPubsub;
  beforeEach(async () => {
    server = await startPubsub();
  });
  afterEach(async () => server.close());

  test("are ordered by chain, say what they are, and let a reader verify the chain", async () => {
    const reader = await subscribe(server);
    const feed = openFeed(server);
    await feed.publish(someRecords("web", EMPTY_CHAIN, someFacts(3)));
    const messages = await readAll(reader);
    expect(messages.map(({ orderingKey, attributes }) => ({ orderingKey, attributes }))).toEqual(
      Array.from({ length: 3 }, () => ({
        orderingKey: "web",
        attributes: {
          "content-type": "application/cloudevents+json",
          service: "web",
          type: "dev.slipway.image.ignored.v1",
        },
      })),
    );
    const records = messages.flatMap(({ body }) => {
      const parsed = parseAuditMessage(body);
      return parsed.ok ? [parsed.value] : [];
    });
    expect(verifyChain(EMPTY_CHAIN, records)).toMatchObject({ ok: true, value: { sequence: 3 } });
    await reader.close();
  });

  test("are refused when there is no topic", async () => {
    const feed = openFeed(server);
    const attempt = feed.publish(someRecords("web", EMPTY_CHAIN, someFacts(1)));
    await expect(attempt).rejects.toThrow(TOPIC);
    await expect(attempt).rejects.toMatchObject({ name: "PermanentError", status: "NOT_FOUND" });
  });

  test("come again when the answer was lost, each with the id it had", async () => {
    const reader = await subscribe(server);
    server.faults.add({ method: "Publish", call: 1, kind: "drop-after" });
    const feed = openFeed(server);
    await feed.publish(someRecords("web", EMPTY_CHAIN, someFacts(2)));
    const ids = (await readAll(reader)).map(({ body }) => Event.parse(body).id);
    expect(ids).toEqual(["web-1", "web-2", "web-1", "web-2"]);
    await reader.close();
  });
});

function openFeed({ grpcAddress: endpoint }: RunningPubsub): Feed {
  const project = "slipway";
  return pubsubFeed({ project, publish: pubsubPublisher({ project, endpoint }) });
}

type Received = {
  readonly body: unknown;
  readonly orderingKey: string;
  readonly attributes: Readonly<Record<string, string>>;
};

async function subscribe(server: RunningPubsub): Promise<v1.SubscriberClient> {
  const settings = await endpointOptions(server.grpcAddress);
  const reader = new v1.SubscriberClient(settings);
  server.ensureTopic(TOPIC);
  await reader.createSubscription({ name: READER, topic: TOPIC, enableMessageOrdering: true });
  return reader;
}

/** All that waits for the reader; pulling ends with the first answer that is empty. */
async function readAll(reader: v1.SubscriberClient): Promise<readonly Received[]> {
  const all: Received[] = [];
  for (;;) {
    const request = { subscription: READER, maxMessages: 100, returnImmediately: true };
    const [{ receivedMessages }] = await reader.pull(request);
    const received = receivedMessages ?? [];
    if (received.length === 0) {
      return all;
    }
    all.push(...received.map(({ message }) => toReceived(message ?? {})));
    const ackIds = received.map(({ ackId }) => ackId ?? "");
    await reader.acknowledge({ subscription: READER, ackIds });
  }
}

function toReceived(message: {
  readonly data?: Uint8Array | Buffer | string | null;
  readonly orderingKey?: string | null;
  readonly attributes?: Record<string, string> | null;
}): Received {
  const body: unknown = JSON.parse(Buffer.from(message.data ?? "").toString("utf8"));
  return { body, orderingKey: message.orderingKey ?? "", attributes: { ...message.attributes } };
}
