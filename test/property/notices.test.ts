import fc from "fast-check";
import { expect, test } from "vitest";
import type { NoticeHint } from "../../shared/app/notice-work.ts";
import { minutes } from "../../shared/domain/time.ts";
import { aStory, CHANNELS, deliver, hint, idsIn, wanted } from "../support/notice-story.ts";
import type { Story } from "../support/notice-story.ts";
import { runs } from "../support/runs.ts";

/** How often a message comes again until it is taken, and how many hours pass: more than what is drawn can fail. */
const DELIVERIES = 60;
const HOURS = 5;

async function deliverUntilTaken(story: Story, given: NoticeHint): Promise<void> {
  let isTaken = false;
  for (let delivery = 1; delivery <= DELIVERIES && !isTaken; delivery += 1) {
    isTaken = await deliver(story, given);
    story.calls.restart();
    story.memory.clock.advance(minutes(1));
  }
  expect(isTaken).toBe(true);
}

/** Messages that are lost, repeated and in any order; calls that fail, before or after they acted; a crash. */
const anyStorm = fc.record({
  sequences: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }),
  failures: fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 12 }),
  stopAt: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  mode: fc.constantFrom("before" as const, "after" as const),
});

test("whatever becomes of messages and calls, each channel is told everything in the order of the record, and nothing new twice", async () => {
  await fc.assert(
    fc.asyncProperty(anyStorm, async ({ sequences, failures, stopAt, mode }) => {
      const faults = { failures: new Set(failures), mode, ...(stopAt !== undefined && { stopAt }) };
      const story = await aStory(faults);
      const hints = sequences.map((sequence, index) =>
        hint(Math.min(sequence, story.head), `storm-${index}`),
      );
      // What fails comes again, as Pub/Sub does; each hour looks at every chain.
      const hours = Array.from({ length: HOURS }, (_, hour) => hint(story.head, `hour-${hour}`));
      for (const given of [...hints, ...hours]) {
        await deliverUntilTaken(story, given);
        story.memory.clock.advance(minutes(11));
      }
      for (const channel of CHANNELS) {
        // Its receiver knows by the id what comes again: to it each notice is there once, in its place.
        const ids = idsIn(story.told.arrived, channel);
        expect([...new Set(ids)]).toEqual(wanted(story));
      }
    }),
    { numRuns: runs(60) },
  );
});
