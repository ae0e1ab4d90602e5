import { afterEach, beforeEach, expect, test } from "vitest";
import { manualClock, type ManualClock } from "../support/manual-clock.ts";
import type { DeliveryFault } from "../../emulators/pubsub/delivery-faults.ts";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";
import { openBench, type Bench } from "./pubsub-bench.ts";
import { arrivedTexts, openEndpoint, type Endpoint } from "./pubsub-endpoint.ts";

const HOUR_MS = 3_600_000;
const RETRY_SPEED = 20;

let clock: ManualClock;
let pubsub: RunningPubsub;
let bench: Bench;
let endpoint: Endpoint;
let status: number;

beforeEach(async () => {
  clock = manualClock();
  pubsub = await startPubsub({ clock, retrySpeed: RETRY_SPEED });
  bench = openBench(pubsub.grpcAddress);
  status = 200;
  endpoint = await openEndpoint(() => status);
});

afterEach(async () => {
  await bench.close();
  await pubsub.close();
  await endpoint.close();
});

async function pass(ms: number): Promise<void> {
  await clock.advance(ms);
  await pubsub.idle();
}

/** Has texts pushed one after another, where something goes wrong; gives how to push more. */
async function pushWith(
  ...faults: readonly Omit<DeliveryFault, "of">[]
): Promise<(...texts: readonly string[]) => Promise<void>> {
  const { topic, name } = await bench.makePair({
    pushEndpoint: endpoint.url,
    enableMessageOrdering: true,
  });
  async function push(...texts: readonly string[]): Promise<void> {
    await bench.publish(topic, texts, "key");
    await pubsub.idle();
  }
  pubsub.pushFaults.add({ of: "another", event: 1, kind: "drop" });
  faults.forEach((fault) => pubsub.pushFaults.add({ of: name, ...fault }));
  await push("1", "2", "3");
  return push;
}

test("a push that is dropped never arrives, and one of another subscription is none of its", async () => {
  const push = await pushWith({ event: 2, kind: "drop" });
  await pass(HOUR_MS);
  await push("4", "5");
  expect(arrivedTexts(endpoint)).toEqual(["1", "3", "4", "5"]);
});

test("nothing goes wrong any more when the plan is cleared", async () => {
  const push = await pushWith({ event: 4, kind: "drop" });
  pubsub.pushFaults.clear();
  await push("4");
  expect(arrivedTexts(endpoint)).toEqual(["1", "2", "3", "4"]);
});

test("a push that is doubled arrives twice with one id", async () => {
  await pushWith({ event: 1, kind: "duplicate" });
  expect(arrivedTexts(endpoint)).toEqual(["1", "1", "2", "3"]);
  expect(endpoint.messageIds()[0]).toBe(endpoint.messageIds()[1]);
});

test("a push that was put off counts once", async () => {
  const push = await pushWith(
    { event: 3, kind: "delay", delayMs: 5_000 },
    { event: 4, kind: "drop" },
  );
  await pass(5_000);
  await push("4", "5");
  expect(arrivedTexts(endpoint)).toEqual(["1", "2", "3", "5"]);
});

test("a push that is delayed arrives when its time has come", async () => {
  await pushWith({ event: 3, kind: "delay", delayMs: 700 });
  expect(arrivedTexts(endpoint)).toEqual(["1", "2"]);
  await pass(699);
  expect(endpoint.arrived).toHaveLength(2);
  await pass(1);
  expect(arrivedTexts(endpoint)).toEqual(["1", "2", "3"]);
});

test("a push whose answer is lost comes again", async () => {
  await pushWith({ event: 3, kind: "lose-answer" });
  expect(arrivedTexts(endpoint)).toEqual(["1", "2", "3"]);
  await pass(100 / RETRY_SPEED);
  expect(arrivedTexts(endpoint)).toEqual(["1", "2", "3", "3"]);
});

test("a message that failed comes again after a twentieth of what its policy says", async () => {
  const { topic } = await bench.makePair({
    pushEndpoint: endpoint.url,
    retryPolicy: { minimumBackoff: { seconds: 10 }, maximumBackoff: { seconds: 600 } },
  });
  status = 500;
  await bench.publish(topic, ["text"]);
  await pubsub.idle();
  await pass(499);
  expect(endpoint.arrived).toHaveLength(1);
  await pass(1);
  expect(endpoint.arrived).toHaveLength(2);
});
