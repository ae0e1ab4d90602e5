import fc from "fast-check";
import { expect, test } from "vitest";
import {
  claim,
  newBook,
  NOTICE_LEASE,
  OFF_MAX,
  TROUBLE_MAX,
} from "../../shared/domain/notices/book.ts";
import { channelName } from "../../shared/domain/notices/channel.ts";
import type { NotifyRule } from "../../shared/domain/notices/channel.ts";
import { noticeOf } from "../../shared/domain/notices/notice.ts";
import { after, instant, minutes } from "../../shared/domain/time.ts";
import type { Service } from "../../shared/domain/service.ts";
import { onNotices } from "../../shared/app/notices.ts";
import type { NoticeHint, NoticePorts } from "../../shared/app/notice-work.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import { aService } from "../support/builders.ts";
import { memoryCalls, ProcessStopped } from "../support/memory-calls.ts";
import type { FaultOptions, MemoryCalls } from "../support/memory-calls.ts";
import { memoryTelling } from "../support/memory-notices.ts";
import type { Arrived, MemoryTelling } from "../support/memory-notices.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { play, PLAIN_STORY } from "../support/play.ts";
import { present } from "../support/present.ts";
import { runs } from "../support/runs.ts";

const ALERTS: NotifyRule = {
  channel: { kind: "slack", name: "#alerts" },
  on: [],
  environments: [],
  categories: [],
};
const OTHERS: NotifyRule = { ...ALERTS, channel: { kind: "slack", name: "#others" } };
const WEB: Service = aService({ notify: [ALERTS, OTHERS] });

/** A service that was pushed to, promoted and delivered, and people who were told nothing yet. */
type Story = {
  readonly memory: MemoryPorts;
  readonly told: MemoryTelling;
  readonly ports: NoticePorts;
  readonly calls: MemoryCalls;
  readonly head: number;
};

/** The record of one story: telling reads it and changes none of it. */
const finished = play({}, { story: PLAIN_STORY, service: WEB });

/** The same story for tellers who start anew, with faults of their own. */
async function aStory(
  faults: FaultOptions = {},
  kept?: Pick<MemoryTelling, "books" | "arrived">,
): Promise<Story> {
  const memory = await finished;
  const calls = memoryCalls(faults);
  const told = memoryTelling(calls, {}, kept);
  if (kept === undefined) {
    for (const { channel } of [ALERTS, OTHERS]) {
      const key = `${WEB.id} ${channelName(channel)}`;
      const about = { chain: WEB.id, channel: channelName(channel), told: 0 };
      told.books.set(key, newBook(key, about));
    }
  }
  const own = memoryPorts({ world: memory.world, startMs: memory.clock.now() });
  const head = memory.world.store.records.get(WEB.id)?.length ?? 0;
  return { memory: own, told, calls, head, ports: { ...own.ports, telling: told.telling } };
}

function hint(sequence: number, message = `message-${sequence}`): NoticeHint {
  return { message, ends: [{ chain: WEB.id, sequence }] };
}

/** Whoever fails is given the message again, as Pub/Sub does. */
async function deliver({ ports }: Story, given: NoticeHint): Promise<boolean> {
  try {
    await onNotices(ports, given);
    return true;
  } catch (error) {
    if (error instanceof TransientError || error instanceof ProcessStopped) {
      return false;
    }
    throw error;
  }
}

function idsIn(arrived: readonly Arrived[], channel: string): readonly string[] {
  return arrived.filter((one) => one.channel === channel).map(({ notice }) => notice.id);
}

/** What the story has to tell, in its order. */
function wanted({ memory }: Story): readonly string[] {
  const records = memory.world.store.records.get(WEB.id) ?? [];
  return records.flatMap((record) => noticeOf(record)?.id ?? []);
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
        const ids = idsIn(story.told.arrived, "slack #alerts");
        expect([...new Set(ids)]).toEqual(wanted(story));
        expect(ids.length - wanted(story).length).toBeLessThanOrEqual(1);
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
  const story = await aStory();
  const given = hint(story.head);
  story.told.answers.set("slack #alerts", () => {
    throw new TransientError("UNAVAILABLE", "nobody there");
  });
  expect(await deliver(story, given)).toBe(false);
  story.memory.clock.advance(minutes(10));
  expect(await deliver(story, given)).toBe(true);
  expect(story.told.books.get("web slack #alerts")).toMatchObject({ told: 0, dropped: 0 });
  story.memory.clock.advance(TROUBLE_MAX);
  expect(await deliver(story, given)).toBe(true);
  const book = story.told.books.get("web slack #alerts");
  expect(book).toMatchObject({ told: story.head, dropped: story.head });
  expect(book?.trouble?.reason).toBe("nobody there");
});

test("a channel that wants no more is left alone, until its specification changes or a week is over", async () => {
  const story = await aStory();
  story.told.answers.set("slack #alerts", () => ({ kind: "gone", reason: "410" }));
  expect(await deliver(story, hint(3))).toBe(true);
  story.told.answers.clear();
  expect(await deliver(story, hint(story.head))).toBe(true);
  expect(idsIn(story.told.arrived, "slack #alerts")).toEqual([]);
  expect(idsIn(story.told.arrived, "slack #others")).toEqual(wanted(story));
  const book = present(story.told.books.get("web slack #alerts"), "a book");
  expect(book).toMatchObject({ told: story.head, dropped: story.head, lease: null });
  expect(book.off?.reason).toBe("410");
  const asking = { holder: "m", upTo: story.head + 1, now: present(book.off, "off").since };
  expect(claim(book, { ...asking, revision: WEB.revision }).claim.kind).toBe("settled");
  expect(claim(book, { ...asking, revision: "another" }).claim.kind).toBe("yours");
  const later = { ...asking, revision: WEB.revision, now: after(asking.now, OFF_MAX) };
  expect(claim(book, { ...later, now: instant(later.now - 1) }).claim.kind).toBe("settled");
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
