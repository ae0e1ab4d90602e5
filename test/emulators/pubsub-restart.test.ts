import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { manualClock, type ManualClock } from "../support/manual-clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { directoryPersistence } from "../../emulators/kit/store.ts";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";
import { arrivedTexts, openEndpoint } from "./pubsub-endpoint.ts";
import { openBench, PROJECT, toTexts, type Bench } from "./pubsub-bench.ts";

let persistence: Persistence;
let folder: string;
let clock: ManualClock;
let pubsub: RunningPubsub;
let bench: Bench;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pubsub-"));
  clock = manualClock();
  await start();
});

afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

async function start(): Promise<void> {
  persistence = directoryPersistence(folder);
  pubsub = await startPubsub({ clock, persistence });
  bench = openBench(pubsub.grpcAddress);
}

async function stop(): Promise<void> {
  await bench.close();
  await pubsub.close();
  await persistence.close();
}

test("what was not acknowledged survives a restart and comes again at once", async () => {
  const { topic, name } = await bench.makePair({ enableMessageOrdering: true });
  const before = await bench.publish(topic, ["done", "in hand", "waiting"], "key");
  const pulled = await bench.pull(name);
  expect(toTexts(pulled)).toEqual(["done", "in hand", "waiting"]);
  await bench.acknowledge(name, pulled.slice(0, 1));
  await stop();
  await start();
  const [metadata] = await bench.client.subscription(name).getMetadata();
  expect(metadata.topic).toBe(`projects/${PROJECT}/topics/${topic}`);
  const again = await bench.pull(name);
  expect(toTexts(again)).toEqual(["in hand", "waiting"]);
  const after = await bench.publish(topic, ["new"], "key");
  expect(Number(after[0])).toBeGreaterThan(Math.max(...before.map(Number)));
});

test("what was to be pushed, or was under way, is pushed after a restart", async () => {
  const stuck = await openEndpoint((number) => (number === 1 ? 204 : null));
  const { topic, name } = await bench.makePair({
    pushEndpoint: stuck.url,
    enableMessageOrdering: true,
  });
  await bench.publish(topic, ["done"], "key");
  await pubsub.idle();
  await bench.publish(topic, ["under way", "waiting"], "key");
  await stuck.holds(2);
  await stop();
  await stuck.close();
  await start();
  const endpoint = await openEndpoint();
  await bench.client.subscription(name).modifyPushConfig({ pushEndpoint: endpoint.url });
  await clock.advance(100);
  await pubsub.idle();
  expect(arrivedTexts(endpoint)).toEqual(["under way", "waiting"]);
  await endpoint.close();
});

test("the attempts that were made survive a restart", async () => {
  const dead = await bench.makePair();
  const deadLetterTopic = `projects/${PROJECT}/topics/${dead.topic}`;
  const { topic, name } = await bench.makePair({ deadLetterPolicy: { deadLetterTopic } });
  await bench.publish(topic, ["poison"]);
  await bench.extend(name, await bench.pull(name), 0);
  await stop();
  await start();
  const [received] = await bench.pull(name);
  expect(received?.deliveryAttempt).toBe(2);
});

test("a reset forgets everything", async () => {
  const { topic, name } = await bench.makePair();
  pubsub.reset();
  await expect(bench.pull(name)).rejects.toMatchObject({ code: 5 });
  expect(await bench.client.topic(topic).exists()).toEqual([false]);
});

test("another emulator publishes in the process, and to a missing topic nothing happens", async () => {
  const { topic, name } = await bench.makePair();
  pubsub.publisher.publish(`projects/${PROJECT}/topics/missing`, { attributes: { a: "b" } });
  pubsub.publisher.publish(`projects/${PROJECT}/topics/${topic}`, { data: Buffer.from("inside") });
  expect(toTexts(await bench.pull(name))).toEqual(["inside"]);
});

test("the official client finds the emulator by its environment variable", async () => {
  const { PubSub } = await import("@google-cloud/pubsub");
  process.env["PUBSUB_EMULATOR_HOST"] = pubsub.grpcAddress;
  const client = new PubSub({ projectId: PROJECT });
  delete process.env["PUBSUB_EMULATOR_HOST"];
  const [topic] = await client.createTopic("by-environment");
  expect(await topic.publishMessage({ data: Buffer.from("x") })).toMatch(/^\d+$/u);
  await client.close();
});
