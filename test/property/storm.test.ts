import fc from "fast-check";
import { expect, test } from "vitest";
import { happenings } from "../support/arbitraries.ts";
import { aService } from "../support/builders.ts";
import { brokenTexts, NEIGHBOUR } from "../support/hostile-storm.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { runs } from "../support/runs.ts";
import { comeToRest, happen, install } from "../support/storm.ts";
import type { Happening } from "../support/storm.ts";

const queues = fc.constantFrom("latest" as const, "all" as const);

test("whatever happens in whatever order, every invariant holds at every moment", async () => {
  await fc.assert(
    fc.asyncProperty(queues, fc.array(happenings, { maxLength: 40 }), async (queue, storm) => {
      const memory = memoryPorts();
      await install(memory.ports, aService({ queue }));
      await install(memory.ports, NEIGHBOUR);
      for (const happening of storm) {
        await happen(memory, happening);
        expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
      }
      await comeToRest(memory);
      expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
      expect(brokenAtRest(memory.world)).toEqual([]);
      expect(brokenTexts(memory.world)).toEqual([]);
    }),
    { numRuns: runs(300) },
  );
});

test("a push that comes again, at once or much later, changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happenings, { maxLength: 20 }), async (storm) => {
      const memory = memoryPorts();
      await install(memory.ports, aService());
      const pushes = storm.filter(({ kind }) => kind === "push");
      for (const happening of storm) {
        await happen(memory, happening);
      }
      await comeToRest(memory);
      // What was moved by hand is seen by then, and not first with a push.
      await happen(memory, { kind: "tick", hand: "hour" });
      const before = structuredClone(memory.world.store);
      for (const push of pushes) {
        await happen(memory, push);
      }
      expect(memory.world.store).toEqual(before);
    }),
    { numRuns: runs(100) },
  );
});

test("whatever becomes of a neighbour, a service comes out as if it were alone", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happenings, { maxLength: 25 }), async (storm) => {
      const beside = await outcomeOf(storm, true);
      expect(beside).toEqual(await outcomeOf(storm, false));
    }),
    { numRuns: runs(60) },
  );
});

test("a wake-up for all services ends with the bad neighbour's error, and others come", async () => {
  const storm: readonly Happening[] = [
    { kind: "push", image: 1 },
    { kind: "neighbour", does: "damage" },
    { kind: "hold", environment: null },
    { kind: "lift" },
  ];
  expect(await outcomeOf(storm, true)).toEqual(await outcomeOf(storm, false));
});

/** What is kept of the service after a storm, with or without a neighbour. */
async function outcomeOf(storm: readonly Happening[], hasNeighbour: boolean): Promise<object> {
  const memory = memoryPorts();
  const service = aService();
  await install(memory.ports, service);
  if (hasNeighbour) {
    await install(memory.ports, NEIGHBOUR);
  }
  for (const happening of storm) {
    await happen(memory, happening);
  }
  await comeToRest(memory);
  return kept(memory, service.id);
}

function kept({ world: { store } }: MemoryPorts, service: string): object {
  const own = (map: ReadonlyMap<string, unknown>): readonly unknown[] =>
    [...map].filter(([key]) => key.startsWith(`${service}/`));
  const { state, outbox } = store.services.get(service) ?? {};
  const history = [store.releases, store.images, store.promotions, store.timeline].map(own);
  return { state, outbox, history, records: store.records.get(service) };
}
