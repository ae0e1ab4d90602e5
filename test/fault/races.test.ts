import fc from "fast-check";
import { expect, test } from "vitest";
import { releaseId } from "../../shared/domain/ids.ts";
import { aDigest, aService } from "../support/builders.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { comeToRest, happen, install } from "../support/storm.ts";
import type { Happening } from "../support/storm.ts";

/** Lets the scheduler order everything that happens at once, and gives what came of it. */
async function race(
  scheduler: fc.Scheduler,
  all: readonly Happening[],
): Promise<ReturnType<typeof memoryPorts>> {
  let isRacing = false;
  const memory = memoryPorts({
    turn: async (call) => (isRacing ? scheduler.schedule(Promise.resolve(), call) : undefined),
  });
  await install(memory.ports, aService());
  isRacing = true;
  const racing = Promise.all(all.map((happening) => happen(memory, happening)));
  await scheduler.waitFor(racing);
  isRacing = false;
  return memory;
}

test("one push delivered many times at once is one release, one rollout, each record once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 6 }), async (scheduler, count) => {
      const pushes = Array.from({ length: count }, () => ({ kind: "push" as const, image: 1 }));
      const memory = await race(scheduler, pushes);
      expect(memory.world.cloudDeploy.releases.size).toBe(1);
      expect(memory.world.cloudDeploy.rollouts.size).toBe(1);
      expect(memory.calls.made.filter((call) => call === "deploy.createRollout")).toHaveLength(1);
      await comeToRest(memory);
      expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
      expect(brokenAtRest(memory.world)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("pushes that race end with the newest deployed, whatever order they are handled in", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const numbers = [1, 2, 3, 4, 5];
      const memory = await race(
        scheduler,
        numbers.map((image) => ({ kind: "push" as const, image })),
      );
      await comeToRest(memory);
      const service = aService();
      const [web] = memory.world.store.services.values();
      expect(web?.state.environments["dev"]?.current?.release).toBe(
        releaseId(aDigest(5), service.revision),
      );
      expect(
        [...memory.world.store.promotions.values()].every(({ endedAt }) => endedAt !== null),
      ).toBe(true);
      expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("ticks, promotions and notifications that race leave every invariant standing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const memory = await race(scheduler, [
        { kind: "push", image: 1 },
        { kind: "roll", isNotified: true },
        { kind: "tick", hand: "minute" },
        { kind: "push", image: 2 },
        { kind: "promote", environment: "prod", isGlassBroken: false },
        { kind: "tick", hand: "hour" },
        { kind: "roll", isNotified: true },
      ]);
      await comeToRest(memory);
      expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
      expect(brokenAtRest(memory.world)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("more records than one round publishes are published all the same, and nothing waits for a tick", async () => {
  const memory = memoryPorts();
  await install(memory.ports, aService());
  memory.calls.outages.set("feed.publish", "transient");
  const numbers = Array.from({ length: 80 }, (_, index) => index + 1);
  for (const image of numbers) {
    await happen(memory, { kind: "push", image });
  }
  memory.calls.outages.delete("feed.publish");
  await happen(memory, { kind: "roll", isNotified: true });
  expect(brokenAtRest(memory.world)).toEqual([]);
});
