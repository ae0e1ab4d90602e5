import fc from "fast-check";
import { expect, test } from "vitest";
import { decideOnly } from "../../shared/app/decide-only.ts";
import { claim, NOTICE_LEASE, OFF_MAX, TROUBLE_MAX } from "../../shared/domain/notices/book.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import { after, instant, minutes } from "../../shared/domain/time.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import { aHold } from "../support/full-service.ts";
import {
  aStory,
  CHANNELS,
  deliver,
  hint,
  idsIn,
  lastRecord,
  played,
  wanted,
  WEB,
} from "../support/notice-story.ts";
import type { Story } from "../support/notice-story.ts";
import { present } from "../support/present.ts";
import { runs } from "../support/runs.ts";

function stateOf({ memory }: Story): ServiceState {
  return present(memory.world.store.services.get(WEB.id), "the service").state;
}

/** Something else happens that people are told of, and they are. */
async function happen(story: Story): Promise<void> {
  await decideOnly(story.ports, WEB.id, { kind: "hold-placed", hold: aHold(1) });
  await deliver(story, hint(lastRecord(story).sequence));
}

test("messages in any order, lost and repeated, tell each channel each notice once and in the order of the record", async () => {
  const { head } = await aStory();
  const anyHints = fc.array(fc.integer({ min: 1, max: head }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(anyHints, async (sequences) => {
      const story = await aStory();
      for (const sequence of [...sequences, head]) {
        expect(await deliver(story, hint(sequence))).toBe(true);
      }
      expect(idsIn(story.told.arrived, "slack #alerts")).toEqual(wanted(story));
      expect(idsIn(story.told.arrived, "slack #others")).toEqual(wanted(story));
    }),
    { numRuns: runs(60) },
  );
});

test("messages at the same moment tell each notice once", async () => {
  const { head } = await aStory();
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const story = await aStory({
        turn: async (call) => scheduler.schedule(Promise.resolve(), call),
      });
      const sequences = Array.from({ length: head }, (_, index) => index + 1);
      const all = Promise.all(sequences.map(async (sequence) => deliver(story, hint(sequence))));
      await scheduler.waitFor(all);
      expect(idsIn(story.told.arrived, "slack #alerts")).toEqual(wanted(story));
    }),
    { numRuns: runs(30) },
  );
});

test.each(["before", "after"] as const)(
  "wherever a call fails or the process stops %s acting, every notice arrives, and again only with the same id",
  async (mode) => {
    const calm = await aStory();
    await deliver(calm, hint(calm.head));
    for (let call = 1; call <= calm.calls.made.length; call += 1) {
      for (const fault of [{ failures: new Set([call]) }, { stopAt: call }]) {
        const story = await aStory({ ...fault, mode });
        const given = hint(story.head);
        for (let delivery = 1; !(await deliver(story, given)); delivery += 1) {
          expect(delivery).toBeLessThan(4);
          story.calls.restart();
          story.memory.clock.advance(minutes(1));
        }
        for (const channel of CHANNELS) {
          const ids = idsIn(story.told.arrived, channel);
          expect([...new Set(ids)]).toEqual(wanted(story));
          expect(ids.length - wanted(story).length).toBeLessThanOrEqual(1);
        }
      }
    }
  },
);

test("a channel that hangs keeps no other channel waiting, and is tried again", async () => {
  const story = await aStory();
  const hang = Promise.withResolvers<never>();
  story.told.answers.set("slack #alerts", async () => hang.promise);
  const delivered = deliver(story, hint(story.head));
  await expect
    .poll(() => idsIn(story.told.arrived, "slack #others"), { interval: 1 })
    .toEqual(wanted(story));
  expect(idsIn(story.told.arrived, "slack #alerts")).toEqual([]);
  story.memory.patience.lapse();
  expect(await delivered).toBe(false);
  story.told.answers.clear();
  story.memory.clock.advance(minutes(1));
  expect(await deliver(story, hint(story.head))).toBe(true);
  expect(idsIn(story.told.arrived, "slack #alerts")).toEqual(wanted(story));
});

test("a message that finds the channel taken leaves it to whoever has it, who goes on to there", async () => {
  const story = await aStory();
  const first = Promise.withResolvers<{ kind: "told"; thread: null }>();
  story.told.answers.set("slack #alerts", async () => first.promise);
  const early = deliver(story, hint(5));
  await expect.poll(() => story.memory.patience.waiting(), { interval: 1 }).toBeGreaterThan(0);
  expect(await deliver(story, hint(story.head))).toBe(true);
  first.resolve({ kind: "told", thread: null });
  expect(await early).toBe(true);
  expect(idsIn(story.told.arrived, "slack #alerts")).toEqual(wanted(story));
});

test("a channel is not tried sooner than it asked for, and what was told in between stays told", async () => {
  const story = await aStory();
  let tries = 0;
  story.told.answers.set("slack #alerts", () => {
    tries += 1;
    return tries === 2
      ? { kind: "later", reason: "too many messages", wait: minutes(2), thread: null }
      : { kind: "told", thread: null };
  });
  expect(await deliver(story, hint(story.head))).toBe(false);
  story.memory.clock.advance(minutes(2) - 1);
  expect(await deliver(story, hint(story.head))).toBe(false);
  expect(tries).toBe(2);
  story.memory.clock.advance(1);
  expect(await deliver(story, hint(story.head))).toBe(true);
  expect(idsIn(story.told.arrived, "slack #alerts")).toEqual(wanted(story));
});

test("what a channel refuses for good is passed over, and the next one is told", async () => {
  const story = await aStory();
  let tries = 0;
  story.told.answers.set("slack #alerts", () => {
    tries += 1;
    return tries === 1 ? { kind: "refused", reason: "too long" } : { kind: "told", thread: null };
  });
  expect(await deliver(story, hint(story.head))).toBe(true);
  expect(idsIn(story.told.arrived, "slack #alerts")).toEqual(wanted(story).slice(1));
});

test("a channel in trouble stops bothering for the message after ten minutes, and gives up after a day", async () => {
  const story = await aStory({}, undefined, played());
  const given = hint(story.head);
  story.told.answers.set("slack #alerts", () => {
    throw new TransientError("UNAVAILABLE", "nobody there");
  });
  expect(await deliver(story, given)).toBe(false);
  story.memory.clock.advance(minutes(10));
  expect(await deliver(story, given)).toBe(true);
  expect(story.told.books.get("web slack #alerts")).toMatchObject({ told: 0, dropped: 0 });
  expect(lastRecord(story).kind).not.toBe("channel.failed");
  story.memory.clock.advance(TROUBLE_MAX);
  expect(await deliver(story, given)).toBe(true);
  const book = story.told.books.get("web slack #alerts");
  expect(book).toMatchObject({ told: story.head, dropped: story.head });
  expect(book?.trouble?.reason).toBe("nobody there");
});

test("what a channel did not take for a day is on the record once, is told in the others, and again when it is well", async () => {
  const story = await aStory({}, undefined, played());
  story.told.answers.set("slack #alerts", () => {
    throw new TransientError("UNAVAILABLE", "nobody there");
  });
  await deliver(story, hint(story.head));
  story.memory.clock.advance(TROUBLE_MAX);
  await deliver(story, hint(story.head));
  await deliver(story, hint(story.head));
  const failed = lastRecord(story);
  expect(failed).toMatchObject({
    sequence: story.head + 1,
    kind: "channel.failed",
    reason: "nobody there",
    details: { channel: "slack #alerts" },
  });
  expect(stateOf(story).troubled).toMatchObject([{ channel: "slack #alerts" }]);
  await deliver(story, hint(failed.sequence));
  expect(idsIn(story.told.arrived, "slack #others").at(-1)).toBe(failed.id);
  story.told.answers.clear();
  story.memory.clock.advance(minutes(10));
  await happen(story);
  const well = lastRecord(story);
  expect(well).toMatchObject({ kind: "channel.recovered", details: { channel: "slack #alerts" } });
  expect(stateOf(story).troubled).toEqual([]);
  await deliver(story, hint(well.sequence));
  expect(idsIn(story.told.arrived, "slack #others").at(-1)).toBe(well.id);
  expect(idsIn(story.told.arrived, "slack #alerts")).not.toContain(failed.id);
});

test("a channel that wants no more is left alone, until its specification changes or a week is over", async () => {
  const story = await aStory({}, undefined, played());
  story.told.answers.set("slack #alerts", () => ({ kind: "gone", reason: "410" }));
  expect(await deliver(story, hint(3))).toBe(true);
  story.told.answers.clear();
  expect(await deliver(story, hint(story.head))).toBe(true);
  expect(idsIn(story.told.arrived, "slack #alerts")).toEqual([]);
  expect(idsIn(story.told.arrived, "slack #others")).toEqual(wanted(story).slice(0, -1));
  expect(lastRecord(story)).toMatchObject({ kind: "channel.failed", reason: "410" });
  const book = present(story.told.books.get("web slack #alerts"), "a book");
  expect(book).toMatchObject({ told: story.head, dropped: story.head, lease: null });
  expect(book.off?.reason).toBe("410");
  const asking = { holder: "m", upTo: story.head + 1, now: present(book.off, "off").since };
  expect(claim(book, { ...asking, revision: WEB.revision }).claim.kind).toBe("off");
  expect(claim(book, { ...asking, revision: "another" }).claim.kind).toBe("yours");
  const later = { ...asking, revision: WEB.revision, now: after(asking.now, OFF_MAX) };
  expect(claim(book, { ...later, now: instant(later.now - 1) }).claim.kind).toBe("off");
  expect(claim(book, later).claim.kind).toBe("yours");
});

test("a channel whose teller died is another message's once its time is over", async () => {
  const story = await aStory({ stopAt: 3 });
  expect(await deliver(story, hint(story.head, "first"))).toBe(false);
  story.calls.restart();
  expect(await deliver(story, hint(story.head, "second"))).toBe(true);
  expect(idsIn(story.told.arrived, "slack #alerts")).toEqual([]);
  story.memory.clock.advance(NOTICE_LEASE);
  expect(await deliver(story, hint(story.head, "third"))).toBe(true);
  expect(idsIn(story.told.arrived, "slack #alerts")).toEqual(wanted(story));
});
