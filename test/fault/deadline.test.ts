import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { MESSAGE_WORK_MAX, withDeadline } from "../../shared/app/deadline.ts";
import { handle } from "../../shared/app/handle.ts";
import { lookAt } from "../../shared/app/look.ts";
import { onTick } from "../../shared/app/tick.ts";
import { asPromotionId, serviceId } from "../../shared/domain/ids.ts";
import { canaryProbes } from "../../shared/domain/steps/canary.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import { minutes } from "../../shared/domain/time.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import { aCandidate, anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { outcome, PLAIN_STORY, play } from "../support/play.ts";
import type { Play } from "../support/play.ts";
import { happen, install } from "../support/storm.ts";

const SECOND_MS = 1000;

const VERIFY = {
  path: "/health",
  version: "/version",
  url: null,
  bake: minutes(0),
  onFailure: "rollback" as const,
};

/** As many as a canary asks at once. */
const ASKED_AT_ONCE = 10;

/** A world in which each call takes as long as `lengths` says, in milliseconds; the others take no time. */
function slowWorld(lengths: Readonly<Record<string, number>>): MemoryPorts {
  const memory: MemoryPorts = memoryPorts({
    turn: async (call) => {
      memory.clock.advance(lengths[call] ?? 0);
    },
  });
  return memory;
}

/** The ports as a message function has them. */
function messagePorts({ ports }: MemoryPorts): Ports {
  return withDeadline(ports, MESSAGE_WORK_MAX);
}

async function push(memory: MemoryPorts): Promise<void> {
  await happen({ ...memory, ports: messagePorts(memory) }, { kind: "push", image: 1 });
}

/** A push to one service about which a message is, so that no visit among others has a shorter time. */
async function pushAlone(memory: MemoryPorts): Promise<void> {
  await install(memory.ports, aService());
  await handle(messagePorts(memory), serviceId("web"), {
    kind: "image-found",
    candidate: aCandidate(1),
    by: "registry",
  });
}

function pendingOf({ world }: MemoryPorts): readonly string[] {
  return [...world.store.services.values()].flatMap(({ outbox }) =>
    outbox.map(({ effect }) => effect.kind),
  );
}

describe("one millisecond before 4 minutes", () => {
  test("the next effect begins", async () => {
    const memory = slowWorld({ "deploy.createRelease": MESSAGE_WORK_MAX - 1 });
    await pushAlone(memory);
    expect(pendingOf(memory)).toEqual([]);
    expect([...memory.world.cloudDeploy.rollouts.keys()]).toHaveLength(1);
  });

  test("a message still reaches its services", async () => {
    const memory = slowWorld({ "registry.getImage": MESSAGE_WORK_MAX - 1 });
    await install(memory.ports, aService());
    await push(memory);
    expect([...memory.world.cloudDeploy.releases.keys()]).toHaveLength(1);
  });
});

test("a tick goes through all services in time, or comes again", async () => {
  for (const [length, left] of [
    [MESSAGE_WORK_MAX - 1, "minute: 1 services visited"],
    [MESSAGE_WORK_MAX, "0 services were visited when the time was over"],
  ] as const) {
    const memory = slowWorld({ "store.listServices": length });
    await install(memory.ports, aService());
    await happen(memory, { kind: "push", image: 1 });
    const end = await onTick(messagePorts(memory), "minute").catch((error: unknown) => error);
    expect(end).toMatchObject(end instanceof TransientError ? { message: left } : { what: left });
  }
});

test("services behind slow ones are looked at by the sweeps that follow", async () => {
  const memory = slowWorld({ "registry.listImages": 4 * SECOND_MS });
  const ids = Array.from({ length: 120 }, (_, index) => `s${String(index).padStart(3, "0")}`);
  for (const id of ids) {
    await install(memory.ports, aService({ id: serviceId(id) }));
  }
  await happen(memory, { kind: "push", image: 1 });
  const reached: number[] = [];
  for (let sweeps = 1; sweeps <= 3; sweeps += 1) {
    await expect(onTick(messagePorts(memory), "hour")).rejects.toThrow("when the time was over");
    const seen = [...memory.world.store.services.values()];
    reached.push(seen.filter(({ state }) => state.lookedUpTo !== null).length);
  }
  expect(reached).toEqual([60, 110, 120]);
});

describe("after 4 minutes", () => {
  test("no effect begins, the lease is free, and the next tick does the rest", async () => {
    const memory = slowWorld({ "deploy.createRelease": MESSAGE_WORK_MAX });
    await pushAlone(memory);
    expect(pendingOf(memory)).toEqual(["create-rollout"]);
    const [stored] = memory.world.store.services.values();
    expect(stored?.lease).toBe(null);
    await onTick(messagePorts(memory), "minute");
    expect(pendingOf(memory)).toEqual([]);
    expect([...memory.world.cloudDeploy.rollouts.keys()]).toHaveLength(1);
  });

  test("a message that has not reached its services comes again", async () => {
    const memory = slowWorld({ "registry.getImage": MESSAGE_WORK_MAX });
    await install(memory.ports, aService());
    await expect(push(memory)).rejects.toThrow("only 0 services were reached");
    expect([...memory.world.cloudDeploy.releases.keys()]).toEqual([]);
  });

  test("however slow the outside is, each message does one effect", async () => {
    const memory = slowWorld({
      "store.commit": MESSAGE_WORK_MAX,
      "deploy.createRelease": MESSAGE_WORK_MAX,
    });
    await pushAlone(memory);
    expect(pendingOf(memory)).toEqual(["create-rollout"]);
  });
});

/** The story where each call takes so long, and each message has its 4 minutes. */
async function playSlowly(callMs: number): Promise<MemoryPorts> {
  let clock: MemoryPorts["clock"] | null = null;
  const slow: Play = {
    story: PLAIN_STORY,
    workMax: MESSAGE_WORK_MAX,
    prepare: (memory) => {
      ({ clock } = memory);
    },
  };
  return play({ turn: async () => clock?.advance(callMs) }, slow);
}

test("however long calls take, up to a minute, ticks reach the same world as if they took no time", async () => {
  const calm = outcome(await playSlowly(0));
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 59 }), async (seconds) => {
      const slow = await playSlowly(seconds * SECOND_MS);
      expect(brokenInWorld(slow.world, slow.ports.hash)).toEqual([]);
      expect(brokenAtRest(slow.world)).toEqual([]);
      expect(outcome(slow)).toEqual(calm);
    }),
    { numRuns: 40 },
  );
});

describe("a canary that is asked 66 times, 10 at once", () => {
  const policy = aPolicy({ canary: [10, 50], verify: VERIFY });
  const dev = anEnvironment("dev", { policy });

  /** What 66 questions show when the first 10 answers come after so long, all good. */
  async function asked(lengthMs: number): Promise<unknown> {
    const memory = slowWorld({ "prober.probe": lengthMs / ASKED_AT_ONCE });
    memory.world.cloudDeploy.running.set(`${dev.pipeline.id}/${dev.target}`, "image@sha256:1");
    const shown = await lookAt.probe(messagePorts(memory), asPromotionId("p"), {
      environment: dev,
      times: canaryProbes(policy),
    });
    return shown.find(({ kind }) => kind === "probe-observed");
  }

  test("goes on to its end while there is time", async () => {
    const inTime = Math.floor(MESSAGE_WORK_MAX / 7);
    expect(await asked(inTime)).toMatchObject({ probe: { isHealthy: true, isBlocked: false } });
  });

  test("cannot tell when the time is over before its end: nothing is said against the release", async () => {
    expect(await asked(MESSAGE_WORK_MAX)).toMatchObject({
      probe: {
        isBlocked: true,
        detail: "10 of 66 answers were good, and then the time was over; Slipway asks again",
      },
    });
  });
});
