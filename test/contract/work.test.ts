import { v1 } from "@google-cloud/pubsub";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startPubsub } from "../../emulators/pubsub/server.ts";
import type { RunningPubsub } from "../../emulators/pubsub/server.ts";
import { endpointOptions } from "../../shared/adapters/grpc-endpoint.ts";
import { pubsubPublisher } from "../../shared/adapters/pubsub-publisher.ts";
import { pubsubWork, WORK_TOPIC } from "../../shared/adapters/pubsub-work.ts";
import { environmentId, serviceId } from "../../shared/domain/ids.ts";
import type { WakeUp } from "../../shared/domain/wake-up.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import type { Work } from "../../shared/ports/work.ts";
import { parseWakeUp } from "../../shared/wire/wake-up.ts";
import { memoryPorts } from "../support/memory-ports.ts";

const TOPIC = `projects/slipway/topics/${WORK_TOPIC}`;
const SUBSCRIPTION = "projects/slipway/subscriptions/reader";
const WAKE_UPS: readonly WakeUp[] = [
  { kind: "service", service: serviceId("web"), look: environmentId("prod") },
  { kind: "all" },
];

let server: RunningPubsub;
beforeEach(async () => {
  server = await startPubsub();
});
afterEach(async () => server.close());

/** Sends them; every wake-up has come, in whatever order, when it is done. */
async function wakeAll(work: Work): Promise<void> {
  await Promise.all(WAKE_UPS.map(async (wakeUp) => work.wake(wakeUp)));
}

test("in memory, wake-ups come as they were sent", async () => {
  const { ports, wakeUps } = memoryPorts();
  await wakeAll(ports.work);
  expect(wakeUps).toEqual(WAKE_UPS);
});

test("on Pub/Sub, wake-ups come as they were sent", async () => {
  const options = await endpointOptions(server.grpcAddress);
  const publisher = new v1.PublisherClient(options);
  const subscriber = new v1.SubscriberClient(options);
  await publisher.createTopic({ name: TOPIC });
  await subscriber.createSubscription({ name: SUBSCRIPTION, topic: TOPIC });
  await wakeAll(pubsubWork(pubsubPublisher({ project: "slipway", endpoint: server.grpcAddress })));
  const [{ receivedMessages }] = await subscriber.pull({
    subscription: SUBSCRIPTION,
    maxMessages: 10,
  });
  const read = (receivedMessages ?? []).map(({ message }) =>
    parseWakeUp({
      id: "1",
      attributes: {},
      publishTime: null,
      attempt: null,
      text: Buffer.from(message?.data ?? "").toString(),
    }),
  );
  expect(read).toEqual(expect.arrayContaining(WAKE_UPS.map((value) => ({ ok: true, value }))));
  await publisher.close();
  await subscriber.close();
});

test("on Pub/Sub, a topic that is not there is said", async () => {
  const work = pubsubWork(pubsubPublisher({ project: "slipway", endpoint: server.grpcAddress }));
  await expect(work.wake({ kind: "all" })).rejects.toThrow(/slipway-work/);
  await expect(work.wake({ kind: "all" })).rejects.not.toBeInstanceOf(TransientError);
});
