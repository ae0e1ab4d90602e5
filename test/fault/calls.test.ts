import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import { aService } from "../support/builders.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { ProcessStopped } from "../support/memory-calls.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryOptions, MemoryPorts } from "../support/memory-ports.ts";
import { comeToRest, happen, install } from "../support/storm.ts";
import type { Happening } from "../support/storm.ts";

/** Two pushes to dev, the second promoted to prod: every effect that there is but cancelling. */
const STORY: readonly Happening[] = [
  { kind: "push", image: 1 },
  { kind: "roll", isNotified: true },
  { kind: "push", image: 2 },
  { kind: "roll", isNotified: true },
  { kind: "promote", environment: "prod", isGlassBroken: false },
  { kind: "roll", isNotified: true },
];

/** How often a message is delivered again after a failure, a little later each time. */
const DELIVERIES_MAX = 8;

/** Delivers as the platform does: again, a minute later, until it is taken. */
async function deliver(memory: MemoryPorts, happening: Happening): Promise<void> {
  for (let delivery = 1; delivery <= DELIVERIES_MAX; delivery += 1) {
    try {
      await happen(memory, happening);
      return;
    } catch (error) {
      const isExpected =
        error instanceof TransientError ||
        error instanceof PermanentError ||
        error instanceof ProcessStopped;
      if (!isExpected) {
        throw error;
      }
      memory.calls.restart();
      memory.clock.advance(61_000);
    }
  }
}

/** What happens, and whether it happens without a rest in between. */
type Play = { readonly story?: readonly Happening[]; readonly isRushed?: boolean };

/** Installs in calm, then lets the story happen, each part to its rest: the faults fall where they fall. */
async function play(
  options: MemoryOptions,
  { story = STORY, isRushed = false }: Play = {},
): Promise<MemoryPorts> {
  const memory = memoryPorts(options);
  memory.world.cloudDeploy.phases.set("web-prod-us-central1", ["canary-50", "stable"]);
  await install(memory.ports, aService());
  for (const happening of story) {
    await deliver(memory, happening);
    if (!isRushed) {
      await rest(memory);
    }
  }
  await rest(memory);
  return memory;
}

/** Lets time pass until nothing is in flight; a tick that fails is followed by the next. */
async function rest(memory: MemoryPorts): Promise<void> {
  const ROUNDS = 12;
  for (let round = 1; round <= ROUNDS; round += 1) {
    memory.clock.advance(11 * 60_000);
    memory.cloudDeploy.finishAll();
    await deliver(memory, { kind: "tick", hand: "minute" });
  }
}

/** The parts of the world that must come out the same: no times, no attempts. */
function outcome({ world }: MemoryPorts): unknown {
  const services = [...world.store.services.values()].map(({ state }) => state.environments);
  return {
    deployed: services.map((environments) =>
      Object.entries(environments).map(([id, { current }]) => [id, current?.release]),
    ),
    releases: [...world.cloudDeploy.releases.keys()].toSorted(),
    running: Object.fromEntries(world.cloudDeploy.running),
  };
}

const calm = await play({});
const callCount = calm.calls.made.length;

/** The calls that install the service: they happen in calm. */
const INSTALL_CALLS = 3;

describe.each(["before", "after"] as const)("a call that fails %s it acts", (mode) => {
  test("wherever calls fail, redelivery and the tick reach the same world as no failure", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: INSTALL_CALLS + 1, max: callCount }), { maxLength: 6 }),
        async (failures) => {
          const stormy = await play({ failures: new Set(failures), mode });
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
      const stopped = await play({ stopAt, mode });
      expect(brokenInWorld(stopped.world, stopped.ports.hash), `stop at ${stopAt}`).toEqual([]);
      expect(brokenAtRest(stopped.world), `stop at ${stopAt}`).toEqual([]);
      expect(outcome(stopped), `stop at ${stopAt}`).toEqual(outcome(calm));
    }
  });
});

describe("an effect whose answer is lost", () => {
  const cancelled: readonly Happening[] = [
    { kind: "push", image: 1 },
    { kind: "cancel", environment: "dev" },
  ];

  test.each([
    ["create-release", "deploy.createRelease", {}],
    ["create-rollout", "deploy.createRollout", {}],
    ["advance-rollout", "deploy.advanceRollout", {}],
    ["cancel-rollout", "deploy.cancelRollout", { story: cancelled, isRushed: true }],
  ])("%s is done once and recorded once", async (_, call, story) => {
    const before = await play({}, story);
    const nth = before.calls.made.indexOf(call) + 1;
    const lost = await play({ failures: new Set([nth]), mode: "after" }, story);
    expect(nth).toBeGreaterThan(0);
    expect(outcome(lost)).toEqual(outcome(before));
    expect(brokenInWorld(lost.world, lost.ports.hash)).toEqual([]);
    expect(brokenAtRest(lost.world)).toEqual([]);
    const told = [...lost.world.store.records.values()].flat().map(({ kind }) => kind);
    expect(told.toSorted()).toEqual(
      [...before.world.store.records.values()]
        .flat()
        .map(({ kind }) => kind)
        .toSorted(),
    );
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
