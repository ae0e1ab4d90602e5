import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brokenGuards } from "../support/guarded-invariants.ts";
import { aFaultyService, GUARDED_STORY, prepareFaults } from "../support/guarded-story.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import type { MemoryOptions, MemoryPorts } from "../support/memory-ports.ts";
import { outcome, play } from "../support/play.ts";
import { comeToRest, happen } from "../support/storm.ts";

const GUARDED = { story: GUARDED_STORY, service: aFaultyService(), prepare: prepareFaults };

/** The calls that install the service: they happen in calm. */
const INSTALL_CALLS = 4;

/** The ports through which the steps act. */
const ACTS: ReadonlySet<string> = new Set(["backups", "deploy", "jobs"]);

async function playGuarded(options: MemoryOptions = {}): Promise<MemoryPorts> {
  return play(options, GUARDED);
}

function broken({ world, ports, clock }: MemoryPorts): readonly string[] {
  return [
    ...brokenInWorld(world, ports.hash),
    ...brokenGuards(world, clock.now()),
    ...brokenAtRest(world),
  ];
}

const calm = await playGuarded();
const callCount = calm.calls.made.length;

/** The calls worth a failure of their own: those that act or look outside, and what is stored around them. */
const telling = calm.calls.made.flatMap((_, index) => {
  const nearby = calm.calls.made.slice(Math.max(0, index - 1), index + 2);
  const isTelling = nearby.some((name) => ACTS.has(name.split(".")[0] ?? ""));
  return isTelling && index >= INSTALL_CALLS ? [index + 1] : [];
});

test("in calm the story does everything that a guarded service can: back up, migrate, restore, prune", () => {
  const { backups, jobs } = calm.world;
  expect(broken(calm)).toEqual([]);
  const made = new Set(calm.calls.made);
  for (const call of ["backups.take", "backups.restore", "backups.remove", "jobs.run"]) {
    expect(made).toContain(call);
  }
  expect(backups.restores.map(({ state }) => state)).toEqual([
    "SUCCEEDED",
    "SUCCEEDED",
    "SUCCEEDED",
  ]);
  expect(jobs.executions.map(({ state }) => state)).toEqual([
    "SUCCEEDED",
    "SUCCEEDED",
    "SUCCEEDED",
  ]);
});

/** To stop before a call is to stop after the one before it: that is tried once. */
const STOPS = {
  before: telling.filter((nth) => !telling.includes(nth - 1)),
  after: telling,
} as const;

describe.each(["before", "after"] as const)("a call that fails %s it acts", (mode) => {
  test("the process that stops there is taken over: one backup, one migration, one restore", async () => {
    for (const stopAt of STOPS[mode]) {
      const stopped = await playGuarded({ stopAt, mode });
      const where = `stop at ${stopAt}, ${stopped.calls.made[stopAt - 1]}`;
      expect(broken(stopped), where).toEqual([]);
      expect(outcome(stopped), where).toEqual(outcome(calm));
    }
  });

  test("the call alone is made again, and the world comes out the same", async () => {
    for (const nth of telling) {
      const lost = await playGuarded({ failures: new Set([nth]), mode });
      const where = `call ${nth}, ${lost.calls.made[nth - 1]}`;
      expect(broken(lost), where).toEqual([]);
      expect(outcome(lost), where).toEqual(outcome(calm));
    }
  });

  test("wherever calls fail together, nothing is deployed without its backups", async () => {
    const calls = fc.integer({ min: INSTALL_CALLS + 1, max: callCount });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(calls, { maxLength: 8 }), async (failures) => {
        expect(broken(await playGuarded({ failures: new Set(failures), mode }))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("an outside that refuses for good", () => {
  test.each(["backups.databases", "backups.take"])(
    "%s fails the promotion before anything is deployed",
    async (call) => {
      const memory = await play(
        {},
        {
          ...GUARDED,
          story: GUARDED_STORY.slice(0, 4),
          prepare: (fresh) => {
            prepareFaults(fresh);
            fresh.calls.outages.set(call, "permanent");
          },
        },
      );
      const prod = [...memory.world.store.promotions.values()].filter(
        ({ environment }) => environment === "prod",
      );
      expect(prod).toMatchObject([{ state: "FAILED" }]);
      expect([...memory.world.cloudDeploy.rollouts.values()].map(({ target }) => target)).toEqual([
        "web-dev-us-central1",
      ]);
      expect(broken(memory)).toEqual([]);
    },
  );
});

describe("a promotion that ends while what it asked for could not be done yet", () => {
  test.each([
    ["backups.take", "backups"],
    ["jobs.run", "jobs"],
  ] as const)("%s is not done any more", async (call, port) => {
    const memory = await play(
      {},
      {
        ...GUARDED,
        story: GUARDED_STORY.slice(0, 4),
        prepare: (fresh) => {
          prepareFaults(fresh);
          fresh.calls.outages.set(call, "transient");
        },
      },
    );
    await happen(memory, { kind: "cancel", environment: "prod" });
    memory.calls.outages.clear();
    await comeToRest(memory);
    const { backups, jobs } = memory.world;
    expect({ backups: backups.backups, jobs: jobs.executions }[port]).toEqual([]);
    expect(broken(memory)).toEqual([]);
  });
});
