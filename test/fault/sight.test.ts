import { describe, expect, test } from "vitest";
import { handle, handleSeen } from "../../shared/app/handle.ts";
import { onTick } from "../../shared/app/tick.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { environmentId, serviceId } from "../../shared/domain/ids.ts";
import { environmentState } from "../../shared/domain/state.ts";
import type { EnvironmentState } from "../../shared/domain/state.ts";
import { minutes } from "../../shared/domain/time.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import { anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { brokenAtRest, brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";
import { comeToRest, happen, install } from "../support/storm.ts";

const WEB = serviceId("web");
const PROD = environmentId("prod");
const PROMOTE: ServiceEvent = {
  kind: "promotion-requested",
  environment: PROD,
  release: null,
  by: "user:ann@example.com",
  reason: "because",
  breakGlass: null,
  wait: true,
};

/** A world in which an image runs in dev, and prod asks for what the policy says. */
async function open(policy = aPolicy()): Promise<MemoryPorts> {
  const memory = memoryPorts();
  const prod = anEnvironment("prod", { stage: 1, policy });
  await install(memory.ports, aService({ environments: [anEnvironment("dev"), prod] }));
  await happen(memory, { kind: "push", image: 1 });
  await happen(memory, { kind: "roll", isNotified: true });
  return memory;
}

async function see({ ports }: MemoryPorts): Promise<SeenService> {
  return present(await ports.store.read(WEB), "the service");
}

async function prodOf(memory: MemoryPorts): Promise<EnvironmentState> {
  return environmentState((await see(memory)).state, PROD);
}

async function devOf(memory: MemoryPorts): Promise<EnvironmentState> {
  return environmentState((await see(memory)).state, environmentId("dev"));
}

async function expectSound(memory: MemoryPorts): Promise<void> {
  await comeToRest(memory);
  expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
  expect(brokenAtRest(memory.world)).toEqual([]);
}

describe("what is decided on a service as it was seen", () => {
  test("is held by a hold on everything that came after, though the service has not changed", async () => {
    const memory = await open();
    const seen = await see(memory);
    await happen(memory, { kind: "hold", environment: null });
    await handleSeen(memory.ports, seen, [PROMOTE]);
    const { active, waiting } = await prodOf(memory);
    expect(active).toBeNull();
    expect(waiting).toMatchObject([{ state: "WAITING" }]);
    const hold = waiting[0]?.gates.find(({ gate }) => gate === "hold");
    expect(hold?.verdict.kind).toBe("CLOSED");
    await expectSound(memory);
  });

  test("begins without waiting once a hold on everything has gone, though it was seen", async () => {
    const memory = await open();
    await happen(memory, { kind: "hold", environment: null });
    await happen(memory, { kind: "lift" });
    await handleSeen(memory.ports, await see(memory), [PROMOTE]);
    expect((await prodOf(memory)).active?.state).toBe("RUNNING");
    await expectSound(memory);
  });

  test("knows a release that only the history has, after what else was seen with the request", async () => {
    const memory = await open(aPolicy({ alerts: { block: ["CRITICAL"], warn: [] } }));
    const first = present((await devOf(memory)).current, "the first deployment").release;
    const UNPROVED = 8;
    for (let image = 2; image <= UNPROVED; image += 1) {
      await happen(memory, { kind: "push", image });
      await happen(memory, { kind: "roll", isNotified: true });
    }
    const seen = await see(memory);
    expect(seen.state.releases[first]).toBeUndefined();
    const read = { kind: "incidents-observed" as const, environment: PROD, open: [] };
    const asked = { ...PROMOTE, release: first };
    const { reply } = await handleSeen(memory.ports, seen, [read, asked]);
    expect(reply.kind).toBe("promotion");
    expect((await prodOf(memory)).active?.release).toBe(first);
    await expectSound(memory);
  });

  test("is decided anew when something was stored in between", async () => {
    const memory = await open();
    const seen = await see(memory);
    await happen(memory, { kind: "hold", environment: "prod" });
    const handled = await handleSeen(memory.ports, seen, [PROMOTE]);
    expect(handled.reply.kind).toBe("promotion");
    expect((await prodOf(memory)).active).toBeNull();
    await expectSound(memory);
  });

  test("is one promotion, when two who saw the same ask for it", async () => {
    const memory = await open();
    const seen = await see(memory);
    const first = await handleSeen(memory.ports, seen, [PROMOTE]);
    const second = await handleSeen(memory.ports, seen, [PROMOTE]);
    expect(second.reply).toEqual(first.reply);
    await expectSound(memory);
    expect(memory.world.cloudDeploy.rollouts.size).toBe(2);
  });

  test("tells what is there after it, so that nobody has to read it again", async () => {
    const memory = await open();
    const { seen } = await handleSeen(memory.ports, await see(memory), [PROMOTE]);
    expect(seen).toStrictEqual(await see(memory));
  });
});

describe("what is only looked at", () => {
  const watched = aPolicy({ alerts: { block: ["CRITICAL"], warn: [] } });

  test("goes into the same decision: nothing waits for incidents that can be read at once", async () => {
    const memory = await open(watched);
    await handle(memory.ports, WEB, PROMOTE);
    expect((await prodOf(memory)).active?.state).toBe("RUNNING");
    const kinds = (memory.world.store.records.get("web") ?? []).map(({ kind }) => kind);
    expect(kinds).not.toContain("promotion.waiting");
    await expectSound(memory);
  });

  test("and cannot be seen keeps the gate closed, and says so", async () => {
    const memory = await open(watched);
    memory.calls.outages.set("incidents.listOpen", "transient");
    await handle(memory.ports, WEB, PROMOTE);
    const { active, waiting } = await prodOf(memory);
    expect(active).toBeNull();
    const incident = waiting[0]?.gates.find(({ gate }) => gate === "incident");
    expect(incident?.verdict).toMatchObject({ kind: "CLOSED" });
  });

  test("is told by whose it is: first what is about the service by name, then what is open in the project", async () => {
    const memory = await open(watched);
    const names = [
      { policy: "quota", service: null },
      { policy: "their errors", service: "other" },
      { policy: "our errors", service: WEB },
    ];
    const { service } = (await see(memory)).state;
    const { project } = present(
      service.environments.find(({ id }) => id === PROD),
      "prod",
    );
    for (const parts of names) {
      memory.incidents.open(project, parts);
    }
    await handle(memory.ports, WEB, PROMOTE);
    const incident = (await prodOf(memory)).waiting[0]?.gates.find(
      ({ gate }) => gate === "incident",
    );
    const reason = incident?.verdict.kind === "CLOSED" ? incident.verdict.reason : "";
    expect(reason.split("; ").map((part) => part.split(" (")[0])).toEqual(["our errors", "quota"]);
  });

  test("and is as it was is not stored, however often a promotion waits through a tick", async () => {
    const memory = await open({ ...watched, soak: minutes(30) });
    await handle(memory.ports, WEB, PROMOTE);
    // What was counted so far is taken in, once.
    await onTick(memory.ports, "minute");
    const before = await see(memory);
    for (let minute = 1; minute <= 10; minute += 1) {
      memory.clock.advance(60_000);
      await onTick(memory.ports, "minute");
    }
    expect((await see(memory)).version).toBe(before.version);
    memory.clock.advance(20 * 60_000);
    await onTick(memory.ports, "minute");
    expect((await prodOf(memory)).active?.state).toBe("RUNNING");
  });
});
