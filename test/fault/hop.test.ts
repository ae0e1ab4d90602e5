import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideOnly } from "../../shared/app/decide-only.ts";
import { LEASE_LENGTH } from "../../shared/app/pending.ts";
import { onTick } from "../../shared/app/tick.ts";
import { onWork } from "../../shared/app/work.ts";
import { asPromotionId, environmentId, serviceId } from "../../shared/domain/ids.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { after } from "../../shared/domain/time.ts";
import type { DecidingPorts } from "../../shared/ports/ports.ts";
import { aService } from "../support/builders.ts";
import { deliverWork } from "../support/deliver-work.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";
import { comeToRest, happen, install } from "../support/storm.ts";

const WEB = serviceId("web");
const PROD = environmentId("prod");
const ANN = "user:ann@example.com";
const PROMOTE: ServiceEvent = {
  kind: "promotion-requested",
  environment: PROD,
  release: null,
  by: ANN,
  reason: null,
  breakGlass: null,
  wait: true,
};

/** A world in which a release may be promoted to prod. */
async function inDev(options: Parameters<typeof memoryPorts>[0] = {}): Promise<MemoryPorts> {
  const memory = memoryPorts(options);
  await install(memory.ports, aService());
  await happen(memory, { kind: "push", image: 1 });
  await happen(memory, { kind: "roll", isNotified: true });
  return memory;
}

function rolloutsOf({ world }: MemoryPorts): number {
  return [...world.cloudDeploy.rollouts.values()].filter(({ target }) =>
    target.startsWith("web-prod"),
  ).length;
}

/** Whoever decides has these, and none of those that act. */
function decidingOf({ ports }: MemoryPorts): DecidingPorts {
  const { backups, calendar, clock, deadline, directory, feed, hash, log, patience } = ports;
  const { registry, store, tags, telemetry, unique, work } = ports;
  const { databases, list, observe, recoveryWindow } = backups;
  const lists = { databases, list, observe, recoveryWindow };
  const known = { calendar, clock, deadline, directory, feed, hash, log, patience };
  return { backups: lists, ...known, registry, store, tags, telemetry, unique, work };
}

describe("whoever decides cannot act", () => {
  test("what acts is not among the ports of those who decide", () => {
    const { ports } = memoryPorts();
    const deciding: DecidingPorts = ports;
    // @ts-expect-error -- the compiler refuses it
    expect(deciding.deploy).toBeDefined();
    // @ts-expect-error -- the compiler refuses it
    expect(deciding.backups.restore).toBeDefined();
    // @ts-expect-error -- the compiler refuses it
    expect(deciding.jobs).toBeDefined();
  });

  test("a promotion is decided and answered with nothing but what decides, and nothing is done by it", async () => {
    const memory = await inDev();
    const made = memory.calls.made.length;
    const { reply, seen } = await decideOnly(decidingOf(memory), WEB, PROMOTE);
    expect(reply.kind).toBe("promotion");
    expect(seen?.outbox.length).toBeGreaterThan(0);
    expect(seen?.lease).toBeNull();
    expect(memory.calls.made.slice(made)).toEqual([
      "store.read",
      "store.readControl",
      "store.commit",
      "work.wake",
    ]);
    expect(rolloutsOf(memory)).toBe(0);
  });
});

describe("a wake-up", () => {
  test("does what was decided, and publishes the records of it", async () => {
    const memory = await inDev();
    await decideOnly(memory.ports, WEB, PROMOTE);
    const before = memory.world.published.length;
    await deliverWork(memory);
    expect(rolloutsOf(memory)).toBe(1);
    expect(memory.world.published.length).toBeGreaterThan(before);
    expect(memory.world.published.map(({ sequence }) => sequence)).toEqual(
      memory.world.published.map((_, index) => index + 1),
    );
  });

  test("that comes again finds nothing to do, and stores nothing", async () => {
    const memory = await inDev();
    await decideOnly(memory.ports, WEB, PROMOTE);
    const [wakeUp] = memory.wakeUps;
    await deliverWork(memory);
    const before = structuredClone(memory.world.store);
    const outcome = await onWork(memory.ports, wakeUp ?? { kind: "all" });
    expect(outcome.kind).toBe("ignored");
    expect(memory.world.store).toEqual(before);
  });

  test("that is lost costs until the next tick", async () => {
    const memory = await inDev();
    await decideOnly(memory.ports, WEB, PROMOTE);
    memory.wakeUps.length = 0;
    expect(rolloutsOf(memory)).toBe(0);
    await onTick(memory.ports, "minute");
    expect(rolloutsOf(memory)).toBe(1);
  });

  test("that cannot be sent takes nothing back of what was decided", async () => {
    const memory = await inDev();
    memory.calls.outages.set("work.wake", "permanent");
    const { reply } = await decideOnly(memory.ports, WEB, PROMOTE);
    expect(reply.kind).toBe("promotion");
    expect(memory.logs.at(-1)).toMatchObject({ message: "nobody could be woken" });
    await onTick(memory.ports, "minute");
    expect(rolloutsOf(memory)).toBe(1);
  });

  test("for a service that is not there is passed over", async () => {
    const { ports } = memoryPorts();
    const wakeUp = { kind: "service", service: serviceId("nobody"), look: null } as const;
    expect(await onWork(ports, wakeUp)).toMatchObject({ kind: "ignored" });
  });

  test("that comes while somebody is at the work leaves it to them", async () => {
    const memory = await inDev();
    await decideOnly(memory.ports, WEB, PROMOTE);
    const known = present(memory.world.store.services.get(WEB), "the service");
    const until = after(memory.clock.now(), LEASE_LENGTH);
    memory.world.store.services.set(WEB, { ...known, lease: { holder: "other", until } });
    await deliverWork(memory);
    expect(rolloutsOf(memory)).toBe(0);
    memory.clock.advance(LEASE_LENGTH + 1);
    await onTick(memory.ports, "minute");
    expect(rolloutsOf(memory)).toBe(1);
  });
});

test("however wake-ups race with each other and with the tick, all is done once and told once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (scheduler, count) => {
      let isRacing = false;
      const memory = await inDev({
        turn: async (call) => (isRacing ? scheduler.schedule(Promise.resolve(), call) : undefined),
      });
      await decideOnly(memory.ports, WEB, PROMOTE);
      const wakeUps = memory.wakeUps.splice(0);
      const promotion = present([...memory.world.store.promotions.keys()].at(-1), "a promotion");
      isRacing = true;
      const racing = Promise.all([
        ...wakeUps.flatMap((wakeUp) =>
          Array.from({ length: count }, async () => onWork(memory.ports, wakeUp)),
        ),
        onTick(memory.ports, "minute"),
        decideOnly(memory.ports, WEB, {
          kind: "cancellation-requested",
          promotion: asPromotionId(promotion),
          by: ANN,
          reason: null,
        }),
      ]);
      await scheduler.waitFor(racing);
      isRacing = false;
      await comeToRest(memory);
      expect(rolloutsOf(memory)).toBeLessThanOrEqual(1);
      expect(
        memory.calls.made.filter((call) => call === "deploy.createRollout").length,
      ).toBeLessThanOrEqual(2);
      expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
      expect(brokenAtRest(memory.world)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});
