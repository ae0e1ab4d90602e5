import { expect, test } from "vitest";
import { LOGGED } from "../../infra/platform/table/monitoring.ts";
import { onImagePush } from "../../shared/app/image-push.ts";
import { logSlowWork } from "../../shared/app/slow-work.ts";
import { onTick } from "../../shared/app/tick.ts";
import { assert } from "../../shared/domain/assert.ts";
import { minutes } from "../../shared/domain/time.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import { aDigest, anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { install } from "../support/storm.ts";

const SERVICE = aService({
  environments: [anEnvironment("dev", { policy: aPolicy({ promotion: "automatic" }) })],
});

function timeOf({ clock }: MemoryPorts): string {
  return new Date(clock.now()).toISOString().replace("Z", "000000Z");
}

function put(memory: MemoryPorts, number: number): void {
  const time = timeOf(memory);
  const image = {
    digest: aDigest(number),
    tags: [`v${number}`],
    uploadedAt: time,
    updatedAt: time,
  };
  const others = memory.world.images.get(SERVICE.image) ?? [];
  memory.world.images.set(SERVICE.image, [image, ...others]);
}

/** A service whose first release is on its way to dev. */
async function underWay(): Promise<MemoryPorts> {
  const memory = memoryPorts();
  await install(memory.ports, SERVICE);
  put(memory, 1);
  await onImagePush(memory.ports, {
    action: "INSERT",
    repository: SERVICE.image,
    digest: aDigest(1),
    tag: "v1",
    publishedAt: timeOf(memory),
  });
  return memory;
}

function told({ logs }: MemoryPorts, message: string): readonly unknown[] {
  return logs.filter((line) => line.message === message).map(({ fields }) => fields);
}

test("a step that has run for an hour is told, and not a moment earlier", async () => {
  const memory = await underWay();
  memory.clock.advance(minutes(60));
  await onTick(memory.ports, "minute");
  expect(told(memory, LOGGED.stuck)).toEqual([]);
  memory.clock.advance(1);
  await onTick(memory.ports, "minute");
  expect(told(memory, LOGGED.stuck)).toEqual([
    expect.objectContaining({ service: "web", environment: "dev", step: "rollout" }),
  ]);
});

/** An aggregate with one effect that is due now. */
async function withDue(memory: MemoryPorts): Promise<SeenService> {
  const seen = await memory.ports.store.read(SERVICE.id);
  const active = seen?.state.environments["dev"]?.active ?? null;
  assert(seen !== null && active !== null, "a promotion is under way");
  const { pipeline } = anEnvironment("dev");
  const key = { release: active.release, rollout: active.id };
  const effect = { kind: "cancel-rollout", promotion: active.id, pipeline, key } as const;
  return { ...seen, outbox: [{ effect, attempts: 3, notBefore: memory.clock.now() }] };
}

test("what is due for ten minutes is told, and not a moment earlier", async () => {
  const memory = await underWay();
  const seen = await withDue(memory);
  memory.clock.advance(minutes(10));
  logSlowWork(memory.ports, seen);
  expect(told(memory, LOGGED.outbox)).toEqual([]);
  memory.clock.advance(1);
  logSlowWork(memory.ports, seen);
  expect(told(memory, LOGGED.outbox)).toEqual([{ service: "web", effects: 1 }]);
});

test("an image that only the sweep found is told when its push was lost long ago, once", async () => {
  const memory = await underWay();
  await onTick(memory.ports, "hour");
  expect(told(memory, LOGGED.detection)).toEqual([]);
  memory.clock.advance(1000);
  put(memory, 2);
  memory.clock.advance(minutes(5));
  await onTick(memory.ports, "hour");
  expect(told(memory, LOGGED.detection)).toEqual([]);
  put(memory, 3);
  memory.clock.advance(minutes(5) + 1);
  await onTick(memory.ports, "hour");
  await onTick(memory.ports, "hour");
  expect(told(memory, LOGGED.detection)).toEqual([{ service: "web", tag: "v3", lateSeconds: 300 }]);
});
