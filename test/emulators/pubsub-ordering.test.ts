import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { manualClock, type ManualClock } from "../support/manual-clock.ts";
import { createDeadlines } from "../../emulators/pubsub/deadlines.ts";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";
import { openBench, toTexts, type Bench } from "./pubsub-bench.ts";
import { runPlay, type Move } from "./pubsub-lanes-play.ts";

const SECOND_MS = 1_000;

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

describe("the messages of an ordering key", () => {
  test("go out together, and no others of the key before all of them are acknowledged", async () => {
    const { topic, name } = await bench.makePair({ enableMessageOrdering: true });
    await bench.publish(topic, ["1", "2"], "key");
    const first = await bench.pull(name);
    await bench.publish(topic, ["3"], "key");
    await bench.publish(topic, ["other"], "other key");
    expect(toTexts(first)).toEqual(["1", "2"]);
    expect(toTexts(await bench.pull(name))).toEqual(["other"]);
    await bench.acknowledge(name, first.slice(1));
    expect(await bench.pull(name)).toEqual([]);
    await bench.acknowledge(name, first.slice(0, 1));
    expect(toTexts(await bench.pull(name))).toEqual(["3"]);
  });

  test("come again from the refused one on, even those that were acknowledged", async () => {
    const { topic, name } = await bench.makePair({ enableMessageOrdering: true });
    await bench.publish(topic, ["1", "2", "3", "4"], "key");
    const given = await bench.pull(name);
    await bench.acknowledge(name, [...given.slice(0, 1), ...given.slice(2, 3)]);
    await bench.extend(name, given.slice(1, 2), 0);
    const again = await bench.pull(name);
    expect(toTexts(again)).toEqual(["2", "3", "4"]);
    await bench.acknowledge(name, given.slice(3));
    await bench.acknowledge(name, again.slice(0, 2));
    await clock.advance(10 * SECOND_MS);
    expect(toTexts(await bench.pull(name))).toEqual(["4"]);
  });

  test("come again from the one whose deadline passed on", async () => {
    const { topic, name } = await bench.makePair({ enableMessageOrdering: true });
    await bench.publish(topic, ["1", "2", "3"], "key");
    const given = await bench.pull(name);
    await bench.extend(name, given.slice(0, 1), 60);
    await clock.advance(10 * SECOND_MS);
    expect(await bench.pull(name)).toEqual([]);
    await bench.acknowledge(name, given.slice(0, 1));
    expect(toTexts(await bench.pull(name))).toEqual(["2", "3"]);
  });

  test("stay with the stream that has some of them", async () => {
    const { topic, name } = await bench.makePair({ enableMessageOrdering: true });
    const options = { streamingOptions: { maxStreams: 1 }, onMessage: () => undefined };
    const inboxes = [bench.openInbox(name, options), bench.openInbox(name, options)];
    await expect.poll(() => pubsub.faults.calls("StreamingPull"), { interval: 2 }).toBe(2);
    for (const number of [1, 2, 3, 4, 5, 6]) {
      await bench.publish(topic, [`a${number}`], "a");
      await bench.publish(topic, [`b${number}`], "b");
    }
    await expect.poll(() => inboxes.flatMap((one) => one.texts()).length, { interval: 2 }).toBe(12);
    for (const key of ["a", "b"]) {
      const texts = inboxes.map((one) => one.texts().filter((text) => text.startsWith(key)));
      expect(texts.toSorted((one, other) => one.length - other.length)).toEqual([
        [],
        [1, 2, 3, 4, 5, 6].map((number) => `${key}${number}`),
      ]);
    }
    await Promise.all(inboxes.map((one) => one.close()));
  });

  test("leave room for other keys, however many of them wait", async () => {
    const { topic, name } = await bench.makePair({ enableMessageOrdering: true });
    await bench.publish(topic, Array.from({ length: 150 }, String), "long");
    await bench.publish(topic, ["short"], "short");
    expect(toTexts(await bench.pull(name)).slice(0, 3)).toContain("short");
  });
});

describe("lanes", () => {
  const key = fc.constantFrom("", "a", "b");
  const holder = fc.constantFrom(0, 1, 2);
  const which = fc.nat(20);
  const move: fc.Arbitrary<Move> = fc.oneof(
    fc.record({ kind: fc.constant("publish" as const), key }),
    fc.record({ kind: fc.constant("take" as const), holder }),
    fc.record({ kind: fc.constant("take" as const), holder }),
    fc.record({ kind: fc.constant("acknowledge" as const), which }),
    fc.record({ kind: fc.constant("take back" as const), which, waits: fc.boolean() }),
    fc.record({ kind: fc.constant("remove" as const), which }),
    fc.record({ kind: fc.constant("wait" as const) }),
  );

  test("keep the order of each key, lose nothing and count what is out, whatever happens", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 80, size: "max" }), (moves) => {
        const { wrongs, left } = runPlay(moves);
        expect(wrongs).toEqual([]);
        expect(left).toEqual([]);
      }),
    );
  });

  test("know what is due next, with whatever was moved", () => {
    const step = fc.record({ thing: fc.nat(5), timeMs: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: "max" }), fc.nat(50), (steps, nowMs) => {
        const times = new Map<number, number>();
        const deadlines = createDeadlines<number>((thing, timeMs) => times.get(thing) === timeMs);
        for (const { thing, timeMs } of steps) {
          times.set(thing, timeMs);
          deadlines.add(timeMs, thing);
        }
        expect(deadlines.nextMs()).toBe(Math.min(Infinity, ...times.values()));
        const due: number[] = [];
        for (
          let one = deadlines.takeDue(nowMs);
          one !== undefined;
          one = deadlines.takeDue(nowMs)
        ) {
          due.push(times.get(one) ?? Infinity);
          times.delete(one);
        }
        expect(due).toEqual(due.toSorted((one, other) => one - other));
        expect([...times.values()].every((timeMs) => timeMs > nowMs)).toBe(true);
      }),
    );
  });
});
