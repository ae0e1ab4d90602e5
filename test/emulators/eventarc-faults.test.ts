import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeliveryFault } from "../../emulators/pubsub/delivery-faults.ts";
import { arrivedTexts, openEventarc, type EventarcBench } from "./eventarc-bench.ts";
import type { Endpoint } from "./pubsub-endpoint.ts";

const HOUR_MS = 3_600_000;

let bench: EventarcBench;
let endpoint: Endpoint;

beforeEach(async () => {
  bench = await openEventarc();
  endpoint = await bench.open();
  // One event at a time makes the order of arrival the order of delivery.
  bench.trigger(endpoint, { concurrencyMax: 1 });
});

afterEach(async () => {
  await bench.close();
});

async function publishWith(fault: Omit<DeliveryFault, "of">): Promise<void> {
  bench.eventarc.faults.add({ of: "fn-1", ...fault });
  bench.publish("1", "2", "3");
  await bench.eventarc.idle();
}

test("a duplicated event arrives twice with one id", async () => {
  await publishWith({ event: 2, kind: "duplicate" });
  expect(arrivedTexts(endpoint)).toEqual(["1", "2", "2", "3"]);
  expect(endpoint.messageIds()[1]).toBe(endpoint.messageIds()[2]);
});

test("an event arrives as often as it is told to", async () => {
  await publishWith({ event: 1, kind: "duplicate", copies: 20 });
  expect(arrivedTexts(endpoint).filter((text) => text === "1")).toHaveLength(20);
  await bench.pass(HOUR_MS);
  expect(endpoint.arrived).toHaveLength(22);
});

test("a reordered event arrives after the next", async () => {
  await publishWith({ event: 1, kind: "reorder" });
  expect(arrivedTexts(endpoint).toSorted()).toEqual(["1", "2", "3"]);
  expect(arrivedTexts(endpoint)[0]).toBe("2");
});

test("a reordered event that is the last arrives after a second", async () => {
  await publishWith({ event: 3, kind: "reorder" });
  expect(arrivedTexts(endpoint)).toEqual(["1", "2"]);
  await bench.pass(999);
  expect(endpoint.arrived).toHaveLength(2);
  await bench.pass(1);
  expect(arrivedTexts(endpoint)).toEqual(["1", "2", "3"]);
});

test("a dropped event never arrives", async () => {
  await publishWith({ event: 2, kind: "drop" });
  await bench.pass(HOUR_MS);
  expect(arrivedTexts(endpoint)).toEqual(["1", "3"]);
});

test("a delayed event arrives when its time has come, which is no failed attempt", async () => {
  await publishWith({ event: 2, kind: "delay", delayMs: 5_000 });
  expect(arrivedTexts(endpoint)).toEqual(["1", "3"]);
  await bench.pass(4_999);
  expect(endpoint.arrived).toHaveLength(2);
  await bench.pass(1);
  expect(arrivedTexts(endpoint)).toEqual(["1", "3", "2"]);
});

test("an event that was put off counts once", async () => {
  bench.eventarc.faults.add({ of: "fn-1", event: 4, kind: "drop" });
  await publishWith({ event: 2, kind: "delay", delayMs: 5_000 });
  await bench.pass(5_000);
  bench.publish("4", "5");
  await bench.eventarc.idle();
  expect(arrivedTexts(endpoint)).toEqual(["1", "3", "2", "5"]);
});

test("an event whose answer was lost comes again", async () => {
  await publishWith({ event: 2, kind: "lose-answer" });
  expect(arrivedTexts(endpoint)).toEqual(["1", "2", "3"]);
  await bench.pass(10_000);
  expect(arrivedTexts(endpoint)).toEqual(["1", "2", "3", "2"]);
});

test("a fault befalls one event of its trigger only, and none when the plan is cleared", async () => {
  bench.eventarc.faults.add({ of: "another", event: 1, kind: "drop" });
  bench.eventarc.faults.add({ of: "fn-1", event: 2, kind: "drop" });
  bench.publish("1", "2", "3", "4", "5");
  await bench.eventarc.idle();
  expect(arrivedTexts(endpoint)).toEqual(["1", "3", "4", "5"]);
  bench.eventarc.faults.add({ of: "fn-1", event: 1, kind: "drop" });
  bench.eventarc.faults.clear();
  bench.publish("6");
  await bench.eventarc.idle();
  expect(arrivedTexts(endpoint).at(-1)).toBe("6");
});
