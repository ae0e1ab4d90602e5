import { describe, expect, test } from "vitest";
import { onDeployNotification } from "../../shared/app/deploy-notification.ts";
import { onTick } from "../../shared/app/tick.ts";
import type { AuditRecord, FactKind } from "../../shared/domain/audit-record.ts";
import { environmentId, serviceId } from "../../shared/domain/ids.ts";
import { environmentState } from "../../shared/domain/state.ts";
import type { EnvironmentState } from "../../shared/domain/state.ts";
import { aService, anEnvironment } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import type { MemoryRollout } from "../support/memory-cloud-deploy.ts";
import { present } from "../support/present.ts";
import { happen, install } from "../support/storm.ts";

const WEB = serviceId("web");
const { pipeline, target } = anEnvironment("dev");

/** Images 1 and 2 went to dev one after the other. */
async function open(): Promise<MemoryPorts> {
  const memory = memoryPorts();
  await install(memory.ports, aService());
  for (const image of [1, 2]) {
    await happen(memory, { kind: "push", image });
    await happen(memory, { kind: "roll", isNotified: true });
  }
  memory.clock.advance(60_000);
  return memory;
}

async function devOf({ ports }: MemoryPorts): Promise<EnvironmentState> {
  const seen = present(await ports.store.read(WEB), "the service");
  return environmentState(seen.state, environmentId("dev"));
}

function recorded({ world }: MemoryPorts, kind: FactKind): readonly AuditRecord[] {
  return [...world.store.records.values()].flat().filter((one) => one.kind === kind);
}

function byHand(memory: MemoryPorts): MemoryRollout {
  return present(memory.cloudDeploy.rollBack(pipeline, target), "a rollout by hand");
}

async function tellOf(memory: MemoryPorts, { id, release }: MemoryRollout): Promise<void> {
  await onDeployNotification(memory.ports, { pipeline: pipeline.id, rollout: id, release });
}

describe("a rollback by hand", () => {
  test("is seen by its notifications: busy while it goes, drift at once when it is done", async () => {
    const memory = await open();
    const rollout = byHand(memory);
    await tellOf(memory, rollout);
    await happen(memory, { kind: "push", image: 3 });
    expect(await devOf(memory)).toMatchObject({
      active: null,
      waiting: [
        { gates: expect.arrayContaining([expect.objectContaining({ gate: "busy" })]) as unknown },
      ],
    });
    memory.cloudDeploy.finishAll();
    await happen(memory, { kind: "cancel", environment: "dev" });
    await tellOf(memory, rollout);
    const image = memory.world.cloudDeploy.running.get(`${pipeline.id}/${target}`);
    expect((await devOf(memory)).drift).toMatchObject({ running: image });
    expect(recorded(memory, "rollout.foreign")).toHaveLength(2);
    expect(recorded(memory, "drift.detected")).toHaveLength(1);
  });

  test("told of again, late and in any order, is no news", async () => {
    const memory = await open();
    const rollout = byHand(memory);
    memory.cloudDeploy.finishAll();
    await tellOf(memory, rollout);
    const once = structuredClone(memory.world.store);
    await tellOf(memory, rollout);
    for (const other of memory.world.cloudDeploy.rollouts.values()) {
      await tellOf(memory, other);
    }
    expect(memory.world.store).toEqual(once);
  });

  test("whose notifications were lost is seen within the hour, and within a minute once it is known", async () => {
    const memory = await open();
    byHand(memory);
    await onTick(memory.ports, "hour");
    expect((await devOf(memory)).foreign).toMatchObject([{ state: "IN_PROGRESS" }]);
    memory.cloudDeploy.finishAll();
    await onTick(memory.ports, "minute");
    expect(await devOf(memory)).toMatchObject({ foreign: [{ state: "SUCCEEDED" }] });
    expect((await devOf(memory)).drift).not.toBeNull();
  });

  test("is over when it is followed by one that brings back what is recorded", async () => {
    const memory = await open();
    const first = byHand(memory);
    memory.cloudDeploy.finishAll();
    await tellOf(memory, first);
    const second = byHand(memory);
    memory.cloudDeploy.finishAll();
    await tellOf(memory, second);
    expect((await devOf(memory)).drift).toBeNull();
    expect(recorded(memory, "drift.resolved")).toHaveLength(1);
  });
});

describe("a push of what is recorded", () => {
  const follower = anEnvironment("edge", {
    stage: null,
    deploy: { kind: "subscription", tag: "v2" },
  });

  /** Image 2 runs in an environment that follows its tag, and what runs there is moved by hand. */
  async function drifted(): Promise<MemoryPorts> {
    const memory = memoryPorts();
    const service = aService();
    await install(memory.ports, { ...service, environments: [...service.environments, follower] });
    await happen(memory, { kind: "push", image: 2 });
    await happen(memory, { kind: "roll", isNotified: true });
    memory.clock.advance(60_000);
    memory.cloudDeploy.moveTraffic(follower.pipeline, follower.target, "another");
    return memory;
  }

  async function edgeOf({ ports }: MemoryPorts): Promise<EnvironmentState> {
    const seen = present(await ports.store.read(WEB), "the service");
    return environmentState(seen.state, follower.id);
  }

  test("deploys it where something else turns out to run, and is known already where not", async () => {
    const memory = await drifted();
    await happen(memory, { kind: "push", image: 2 });
    expect((await edgeOf(memory)).active).not.toBeNull();
    await happen(memory, { kind: "roll", isNotified: true });
    const before = (await edgeOf(memory)).promotionCount;
    await happen(memory, { kind: "push", image: 2 });
    expect(await edgeOf(memory)).toMatchObject({ promotionCount: before, active: null });
  });

  test("is not decided on where that cannot be read, and comes again", async () => {
    const memory = await drifted();
    memory.calls.outages.set("runtime.running", "transient");
    await expect(happen(memory, { kind: "push", image: 2 })).rejects.toThrow(/runtime.running/);
    memory.calls.outages.clear();
    await happen(memory, { kind: "push", image: 2 });
    expect((await edgeOf(memory)).active).not.toBeNull();
  });
});

describe("a notification that nobody can trust", () => {
  test.each([
    ["a rollout that is not there", { rollout: "none", release: "none" }],
    ["no release", { rollout: "none", release: null }],
    ["a pipeline of nobody", { pipeline: "other", rollout: "none", release: "none" }],
  ])("about %s changes nothing", async (_, claimed) => {
    const memory = await open();
    const before = structuredClone(memory.world.store);
    await onDeployNotification(memory.ports, { pipeline: pipeline.id, ...claimed });
    expect(memory.world.store).toEqual(before);
  });

  test("that a rollout is ours, of one that failed and was taken up again by hand, is looked at", async () => {
    const memory = await open();
    await happen(memory, { kind: "push", image: 3 });
    await happen(memory, { kind: "break", isNotified: true });
    const failed = present([...memory.world.cloudDeploy.rollouts.values()].at(-1), "a rollout");
    failed.state = "IN_PROGRESS";
    await tellOf(memory, failed);
    expect((await devOf(memory)).foreign).toMatchObject([{ id: failed.id, state: "IN_PROGRESS" }]);
  });
});

describe("traffic that was moved by hand", () => {
  test("is seen within the hour with who moved it, and over when it is moved back", async () => {
    const memory = await open();
    const { image } = present((await devOf(memory)).current, "what runs");
    memory.cloudDeploy.moveTraffic(pipeline, target, "another");
    await onTick(memory.ports, "hour");
    expect((await devOf(memory)).drift).toMatchObject({
      running: "another",
      by: "user:eve@example.com with gcloud",
    });
    memory.cloudDeploy.moveTraffic(pipeline, target, image);
    await onTick(memory.ports, "hour");
    expect((await devOf(memory)).drift).toBeNull();
  });

  test("is seen at once where a rollout of ours ended badly, and cannot be read where nothing answers", async () => {
    const memory = await open();
    await happen(memory, { kind: "push", image: 3 });
    memory.cloudDeploy.moveTraffic(pipeline, target, "another");
    await happen(memory, { kind: "break", isNotified: true });
    expect((await devOf(memory)).drift).toMatchObject({ running: "another" });
    await happen(memory, { kind: "push", image: 4 });
    memory.calls.outages.set("runtime.running", "transient");
    await happen(memory, { kind: "break", isNotified: true });
    expect((await devOf(memory)).active).toBeNull();
  });
});
