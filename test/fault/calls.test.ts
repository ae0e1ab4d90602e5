import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { aService } from "../support/builders.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { outcome, PLAIN_STORY, play } from "../support/play.ts";
import { aFaultyService, GUARDED_STORY, prepareFaults } from "../support/guarded-story.ts";
import { comeToRest, happen, install } from "../support/storm.ts";
import type { Happening } from "../support/storm.ts";

const calm = await play({}, { story: PLAIN_STORY });
const callCount = calm.calls.made.length;

/** The calls that install the service: they happen in calm. */
const INSTALL_CALLS = 4;

describe.each(["before", "after"] as const)("a call that fails %s it acts", (mode) => {
  test("wherever calls fail, redelivery and the tick reach the same world as no failure", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: INSTALL_CALLS + 1, max: callCount }), { maxLength: 6 }),
        async (failures) => {
          const stormy = await play({ failures: new Set(failures), mode }, { story: PLAIN_STORY });
          expect(brokenInWorld(stormy.world, stormy.ports.hash)).toEqual([]);
          expect(brokenAtRest(stormy.world)).toEqual([]);
          expect(outcome(stormy)).toEqual(outcome(calm));
        },
      ),
      { numRuns: 150 },
    );
  });

  test("a process that stops at any one call is taken over, and nothing is done twice", async () => {
    for (let stopAt = INSTALL_CALLS + 1; stopAt <= callCount; stopAt += 1) {
      const stopped = await play({ stopAt, mode }, { story: PLAIN_STORY });
      expect(brokenInWorld(stopped.world, stopped.ports.hash), `stop at ${stopAt}`).toEqual([]);
      expect(brokenAtRest(stopped.world), `stop at ${stopAt}`).toEqual([]);
      expect(outcome(stopped), `stop at ${stopAt}`).toEqual(outcome(calm));
    }
  });
});

test("wherever calls fail and whatever becomes of wake-ups, the tick reaches the same world", async () => {
  const does = fc.constantFrom("wait", "come", "come-backwards", "repeat", "get-lost");
  const failing = fc.uniqueArray(fc.integer({ min: INSTALL_CALLS + 1, max: callCount }));
  await fc.assert(
    fc.asyncProperty(failing, fc.tuple(does, does, does), async (failures, [one, two, three]) => {
      const story = PLAIN_STORY.toSpliced(
        5,
        0,
        { kind: "work", does: two },
        { kind: "work", does: three },
      );
      const late = [{ kind: "work", does: one } as const, ...story];
      const stormy = await play({ failures: new Set(failures) }, { story: late });
      expect(outcome(stormy)).toEqual(outcome(calm));
      expect(brokenInWorld(stormy.world, stormy.ports.hash)).toEqual([]);
    }),
    {
      numRuns: 60,
      // Each delivery of the second push fails, eight times.
      examples: [
        [
          [27, 28, 29, 30, 31, 32, 33, 34],
          ["wait", "wait", "wait"],
        ],
      ],
    },
  );
});

/** What the record tells of, but for waiting, which is told as often as its reason changes. */
function acts({ world }: MemoryPorts): readonly string[] {
  return [...world.store.records.values()]
    .flat()
    .map(({ kind }) => kind)
    .filter((kind) => kind !== "promotion.waiting")
    .toSorted();
}

describe("an effect whose answer is lost", () => {
  const cancelled: readonly Happening[] = [
    { kind: "push", image: 1 },
    { kind: "cancel", environment: "dev" },
  ];

  const simple = { story: PLAIN_STORY };
  const guarded = { story: GUARDED_STORY, service: aFaultyService(), prepare: prepareFaults };

  test.each([
    ["create-release", "deploy.createRelease", simple],
    ["create-rollout", "deploy.createRollout", simple],
    ["advance-rollout", "deploy.advanceRollout", simple],
    ["approve-rollout", "deploy.approveRollout", guarded],
    ["cancel-rollout", "deploy.cancelRollout", { story: cancelled, isRushed: true }],
    ["take-backup", "backups.take", guarded],
    ["remove-backup", "backups.remove", guarded],
    ["run-job", "jobs.run", guarded],
    ["restore-backup", "backups.restore", guarded],
    ["find-databases", "backups.databases", guarded],
    ["read-incidents", "incidents.listOpen", guarded],
    ["read-provenance", "provenance.verify", guarded],
    ["probe", "prober.probe", guarded],
  ])("%s is done once and recorded once", async (_, call, story) => {
    const before = await play({}, story);
    const nth = before.calls.made.indexOf(call) + 1;
    const lost = await play({ failures: new Set([nth]), mode: "after" }, story);
    expect(nth).toBeGreaterThan(0);
    expect(outcome(lost)).toEqual(outcome(before));
    expect(brokenInWorld(lost.world, lost.ports.hash)).toEqual([]);
    expect(brokenAtRest(lost.world)).toEqual([]);
    expect(acts(lost)).toEqual(acts(before));
  });
});

describe("an outside that stays away", () => {
  test("Cloud Deploy that refuses for good fails the promotion and says why", async () => {
    const memory = memoryPorts();
    await install(memory.ports, aService());
    memory.calls.outages.set("deploy.createRelease", "permanent");
    await happen(memory, { kind: "push", image: 1 });
    const [promotion] = memory.world.store.promotions.values();
    expect(promotion).toMatchObject({ state: "FAILED" });
    expect(promotion?.steps.at(-1)?.message).toContain("create-release: ");
    expect(brokenAtRest(memory.world)).toEqual([]);
  });

  test("a feed that is away loses no record and keeps their order", async () => {
    const memory = memoryPorts();
    await install(memory.ports, aService());
    memory.calls.outages.set("feed.publish", "transient");
    await happen(memory, { kind: "push", image: 1 });
    await happen(memory, { kind: "push", image: 2 });
    memory.calls.outages.delete("feed.publish");
    await comeToRest(memory);
    const sequences = memory.world.published.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
    expect(brokenAtRest(memory.world)).toEqual([]);
  });
});
