import fc from "fast-check";
import { expect, test } from "vitest";
import { happenings } from "../support/arbitraries.ts";
import { aService } from "../support/builders.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import { comeToRest, happen, install } from "../support/storm.ts";

const queues = fc.constantFrom("latest" as const, "all" as const);

test("whatever happens in whatever order, every invariant holds at every moment", async () => {
  await fc.assert(
    fc.asyncProperty(queues, fc.array(happenings, { maxLength: 40 }), async (queue, storm) => {
      const memory = memoryPorts();
      await install(memory.ports, aService({ queue }));
      for (const happening of storm) {
        await happen(memory, happening);
        expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
      }
      await comeToRest(memory);
      expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
      expect(brokenAtRest(memory.world)).toEqual([]);
    }),
    { numRuns: 300 },
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
    { numRuns: 100 },
  );
});
