import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { minutes } from "../../shared/domain/time.ts";
import { guardedStorms, throughProduction } from "../support/guarded-arbitraries.ts";
import { brokenGuards } from "../support/guarded-invariants.ts";
import { aGuardedPolicy, aGuardedService, furnish } from "../support/guarded-service.ts";
import { brokenTexts, NEIGHBOUR } from "../support/hostile-storm.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { runs } from "../support/runs.ts";
import { comeToRest, happen, install } from "../support/storm.ts";
import type { Happening } from "../support/storm.ts";

const maxAges = fc.constantFrom(minutes(0), minutes(60));
const modes = fc.constantFrom("manual" as const, "automatic" as const);

async function guarded(
  maxAge: Parameters<typeof aGuardedPolicy>[0],
  promotion: "manual" | "automatic",
): Promise<MemoryPorts> {
  const memory = memoryPorts();
  furnish(memory);
  await install(memory.ports, aGuardedService({ ...aGuardedPolicy(maxAge), promotion }));
  await install(memory.ports, NEIGHBOUR);
  return memory;
}

function broken(memory: MemoryPorts): readonly string[] {
  const { world, ports, clock } = memory;
  return [...brokenInWorld(world, ports.hash), ...brokenGuards(world, clock.now())];
}

test("whatever happens to a guarded service, nothing unsafe reaches production", async () => {
  await fc.assert(
    fc.asyncProperty(maxAges, modes, guardedStorms, async (maxAge, mode, storm) => {
      const memory = await guarded(maxAge, mode);
      for (const happening of storm) {
        await happen(memory, happening);
        expect(broken(memory), JSON.stringify(happening)).toEqual([]);
      }
      memory.calls.outages.clear();
      await comeToRest(memory);
      expect(broken(memory)).toEqual([]);
      expect(brokenAtRest(memory.world)).toEqual([]);
      expect(brokenTexts(memory.world)).toEqual([]);
    }),
    { numRuns: runs(150) },
  );
});

/** What may come twice: messages and requests, but not the passing of time nor what moves the outside. */
const REPEATABLE: ReadonlySet<Happening["kind"]> = new Set<Happening["kind"]>([
  "push",
  "apply",
  "cancel",
  "approve",
  "reject",
  "rollback",
  "restore",
  "contract",
]);

test("what is told or asked a second time at once changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(maxAges, guardedStorms, async (maxAge, storm) => {
      const memory = await guarded(maxAge, "automatic");
      for (const happening of storm) {
        expect(await changedBySecond(memory, happening), JSON.stringify(happening)).toBe(false);
      }
    }),
    { numRuns: runs(100), examples: [[minutes(60), aheadInLine()]] },
  );
});

/** A restore waits ahead in line when a rollback starts: it is told at once what keeps it waiting. */
function aheadInLine(): Happening[] {
  return [
    ...throughProduction(1),
    { kind: "push", image: 2 },
    { kind: "roll", isNotified: true },
    { kind: "restore" },
    ...throughProduction(2).slice(2),
    ...throughProduction(3).slice(0, 4),
    { kind: "rollback", holds: false, restoresData: true },
  ];
}

/** Lets something happen, again where it is the same request again, and tells whether that changed anything. */
async function changedBySecond(memory: MemoryPorts, happening: Happening): Promise<boolean> {
  const before = concerned(memory);
  const told = recordKinds(memory).length;
  await happen(memory, happening);
  const isSame = concerned(memory).every((id, index) => id === undefined || id === before[index]);
  if (!REPEATABLE.has(happening.kind) || !(isSame || happening.kind === "rollback")) {
    return false;
  }
  // What failed at once, for an image that is gone, may be tried again, and each attempt is told of.
  if (
    recordKinds(memory)
      .slice(told)
      .some((kind) => kind.endsWith(".failed"))
  ) {
    return false;
  }
  const once = structuredClone(memory.world.store);
  await happen(memory, happening);
  return !isDeepStrictEqual(memory.world.store, once);
}

function recordKinds({ world }: MemoryPorts): readonly string[] {
  return (world.store.records.get("web") ?? []).map(({ kind }) => kind);
}

/** The promotion in each environment that a request without a name concerns. */
function concerned({ world }: MemoryPorts): readonly (string | undefined)[] {
  const [web] = world.store.services.values();
  return ["dev", "prod"].map((id) => {
    const known = web?.state.environments[id];
    return known?.active?.id ?? known?.waiting[0]?.id;
  });
}
