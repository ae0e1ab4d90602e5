import { describe, expect, test } from "vitest";
import { onDeployNotification } from "../../shared/app/deploy-notification.ts";
import { liftHold, listHolds, placeHold, previewHold } from "../../shared/app/holds.ts";
import { onImagePush } from "../../shared/app/image-push.ts";
import { onIncident } from "../../shared/app/incident.ts";
import { onTick } from "../../shared/app/tick.ts";
import type { TickKind } from "../../shared/domain/control.ts";
import { asReleaseId, holdId, serviceId, specRevision } from "../../shared/domain/ids.ts";
import type { Environment } from "../../shared/domain/service.ts";
import { openPromotions } from "../../shared/domain/state.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import { anEnvironment, anImage, aPolicy, aService } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";
import { install } from "../support/storm.ts";
import { until } from "../support/until.ts";

const IMAGE = aService().image;
const SYSTEM = "_slipway";

/** Three services of one image, one project and one pipeline; the neighbour is the one in the middle. */
async function open(turn?: (call: string) => Promise<void>): Promise<MemoryPorts> {
  const memory = memoryPorts(turn === undefined ? {} : { turn });
  const alerts = { block: ["CRITICAL" as const], warn: [] };
  const dev: Environment = anEnvironment("dev", {
    project: "shared",
    policy: aPolicy({ promotion: "automatic", alerts }),
  });
  for (const id of ["a", "neighbour", "z"]) {
    const runService = `${id}-dev`;
    const environments = [{ ...dev, runService, target: runService }];
    await install(
      memory.ports,
      aService({ id: serviceId(id), revision: specRevision(`rev${id}`), environments }),
    );
  }
  return memory;
}

/** Ways in which the document of a service goes wrong. */
const WRONG: readonly (readonly [string, string, (memory: MemoryPorts) => void])[] = [
  [
    "cannot be read",
    "cannot be read: it has schema version 9",
    ({ world }) => void world.store.damaged.set("neighbour", "it has schema version 9"),
  ],
  [
    "makes no sense, so that every decision on it throws",
    "cannot be decided on: must hold: the state holds release r-gone, to which it refers",
    ({ world }) => {
      const stored = present(world.store.services.get("neighbour"), "the neighbour");
      const dev = present(stored.state.environments["dev"], "its environment");
      const active = { ...present(dev.active, "what runs"), release: asReleaseId("r-gone") };
      const environments = { dev: { ...dev, active } };
      world.store.services.set("neighbour", {
        ...stored,
        state: { ...stored.state, environments },
      });
    },
  ],
];

async function push(memory: MemoryPorts, number: number): Promise<unknown> {
  const image = anImage(number);
  const images = memory.world.images.get(IMAGE) ?? [];
  memory.world.images.set(IMAGE, [...images, image]);
  const tag = present(image.tags[0], "the tag");
  const { digest, updatedAt: publishedAt } = image;
  const message = { action: "INSERT" as const, repository: IMAGE, digest, tag, publishedAt };
  return onImagePush(memory.ports, message).catch((error: unknown) => error);
}

function newestOf({ world }: MemoryPorts, service: string): string | null {
  return world.store.services.get(service)?.state.newest ?? null;
}

function told({ world }: MemoryPorts): readonly (readonly [string, string, string | null])[] {
  return (world.store.records.get(SYSTEM) ?? [])
    .filter(({ kind }) => kind !== "audit.checkpoint")
    .map(({ kind, details, reason }) => [kind, details["service"] ?? "", reason] as const);
}

describe.each(WRONG)("while a neighbour's document %s", (_name, reason, spoil) => {
  async function spoiled(): Promise<MemoryPorts> {
    const memory = await open();
    await push(memory, 1);
    spoil(memory);
    return memory;
  }

  test("a push of the image that they share reaches the others", async () => {
    const memory = await spoiled();
    const before = newestOf(memory, "neighbour");
    const end = await push(memory, 2);
    expect(end).toBeInstanceOf(Error);
    for (const id of ["a", "z"]) {
      expect(newestOf(memory, id)).toContain(anImage(2).digest.slice("sha256:".length, 12));
    }
    expect(newestOf(memory, "neighbour")).toBe(before);
  });

  test.for<TickKind>(["minute", "hour", "day"])(
    "the %s's sweep goes on and ends with an error",
    async (kind) => {
      const memory = await spoiled();
      memory.cloudDeploy.finishAll();
      const end = onTick(memory.ports, kind);
      await expect(end).rejects.toBeInstanceOf(PermanentError);
      await expect(end).rejects.toThrow(
        `2 services were visited, 1 could not be: neighbour ${reason}`,
      );
      for (const id of ["a", "z"]) {
        expect(
          memory.world.store.services.get(id)?.state.environments["dev"]?.current,
        ).not.toBeNull();
      }
    },
  );

  test("the record says so once, until it is well again", async () => {
    const memory = await spoiled();
    const stored = present(memory.world.store.services.get("neighbour"), "the neighbour");
    for (const kind of ["minute", "minute", "hour", "minute"] as const) {
      await onTick(memory.ports, kind).catch(() => undefined);
    }
    expect(told(memory)).toEqual([["service.failed", "neighbour", reason]]);
    memory.world.store.damaged.clear();
    memory.world.store.services.set("neighbour", {
      ...stored,
      state: { ...stored.state, environments: {} },
    });
    await onTick(memory.ports, "hour");
    await onTick(memory.ports, "hour");
    expect(told(memory)).toEqual([
      ["service.failed", "neighbour", reason],
      ["service.recovered", "neighbour", null],
    ]);
  });

  test("the others are held, previewed and lifted", async () => {
    const memory = await spoiled();
    const by = "user:ann@example.com";
    const about = { reason: "stop", by, createdAt: memory.clock.now(), asOncall: false };
    const all = { id: holdId("hold-1"), scope: { kind: "all" as const }, until: null, ...about };
    const scope = { kind: "service" as const, service: serviceId("z") };
    expect((await previewHold(memory.ports, all.scope)).length).toBeGreaterThanOrEqual(0);
    expect(await placeHold(memory.ports, all)).toBeNull();
    expect(await placeHold(memory.ports, { ...all, id: holdId("hold-2"), scope })).toBeNull();
    expect((await listHolds(memory.ports)).map(({ hold }) => hold.id)).toEqual([
      "hold-1",
      "hold-2",
    ]);
    expect(
      await liftHold(memory.ports, { hold: holdId("hold-1"), by, asOncall: false }),
    ).toBeNull();
    expect(
      await liftHold(memory.ports, { hold: holdId("hold-2"), by, asOncall: false }),
    ).toBeNull();
    expect(await listHolds(memory.ports)).toEqual([]);
  });

  test("notifications of a pipeline and a project that they share reach the others", async () => {
    const memory = await spoiled();
    memory.cloudDeploy.finishAll();
    const state = present(memory.world.store.services.get("z")?.state, "the service");
    const { id: rollout, release } = present(openPromotions(state)[0], "its promotion");
    const pipeline = "web-us-central1-rollout";
    await onDeployNotification(memory.ports, { pipeline, rollout, release }).catch(() => undefined);
    expect(memory.world.store.services.get("z")?.state.environments["dev"]?.current).not.toBeNull();
    await onIncident(memory.ports, "shared").catch(() => undefined);
    expect(memory.world.store.services.get("z")?.state.environments["dev"]?.incidents.kind).toBe(
      "read",
    );
  });
});

test("a service that takes too long is left behind, and the sweep ends", async () => {
  let isHanging = false;
  const memory = await open(async (call) => {
    if (isHanging && call === "registry.listImages") {
      isHanging = false;
      await new Promise(() => {});
    }
  });
  await push(memory, 1);
  memory.cloudDeploy.finishAll();
  isHanging = true;
  const ticking = onTick(memory.ports, "hour");
  await until(
    "only the slow one is waited for",
    async () => memory.patience.waiting(),
    (waiting) => !isHanging && waiting === 1,
  );
  const reached = [...memory.world.store.services.values()].filter(
    ({ state }) => state.environments["dev"]?.current !== null,
  );
  expect(reached).toHaveLength(2);
  memory.patience.lapse();
  expect(await ticking).toEqual({ kind: "decided", what: "hour: 2 services visited" });
  expect(memory.logs.map(({ message }) => message)).toContain("service not swept");
});
