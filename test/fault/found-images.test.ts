import { describe, expect, test } from "vitest";
import { handle } from "../../shared/app/handle.ts";
import { onImagePush } from "../../shared/app/image-push.ts";
import { lookForImages } from "../../shared/app/look-for-images.ts";
import { onTick } from "../../shared/app/tick.ts";
import { serviceId, specRevision } from "../../shared/domain/ids.ts";
import type { ImageDescription } from "../../shared/domain/image.ts";
import { anEnvironment, anImage, aService, atMs } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";
import { install } from "../support/storm.ts";

const WEB = aService();

/** How often the registry was asked what an image is. */
function inspections({ calls }: MemoryPorts): number {
  return calls.made.filter((call) => call === "registry.inspect").length;
}

describe("what a new image is", () => {
  test("is read once in a look, under however many tags it is offered", async () => {
    const memory = memoryPorts();
    await install(memory.ports, WEB);
    const tags = ["v1", "latest", "main"];
    memory.world.images.set(WEB.image, [anImage(1, { tags })]);
    await onTick(memory.ports, "hour");
    expect(inspections(memory)).toBe(1);
    const { items } = await memory.ports.store.releases(WEB.id, { pageSize: 9, pageToken: "" });
    const known = items.flatMap(({ image }) => image.tags.map(({ tag }) => tag));
    expect(known.toSorted()).toEqual(tags.toSorted());
  });

  test("is read once for a push, however many services have the image", async () => {
    const memory = memoryPorts();
    for (const id of ["a", "b", "c"]) {
      const target = `${id}-dev`;
      const environments = [anEnvironment("dev", { target, runService: target })];
      const revision = specRevision(`rev${id}`);
      await install(memory.ports, aService({ id: serviceId(id), revision, environments }));
    }
    const image = anImage(1);
    memory.world.images.set(WEB.image, [image]);
    const push = { repository: WEB.image, digest: image.digest, publishedAt: image.updatedAt };
    await onImagePush(memory.ports, { action: "INSERT", tag: "v1", ...push });
    expect(inspections(memory)).toBe(1);
    expect([...memory.world.store.releases.keys()]).toHaveLength(3);
  });
});

const CACHE: ImageDescription = { kind: "other", reason: "it is a build cache" };
const CHART: ImageDescription = { kind: "other", reason: "it is a Helm chart" };

/** A registry with an image, and newer than that a build cache and a chart under tags that make releases. */
function furnish({ world }: MemoryPorts): void {
  const [image, cache, chart] = [anImage(1), anImage(2), anImage(3)];
  world.images.set(WEB.image, [image, cache, chart]);
  world.descriptions.set(`${WEB.image}@${cache.digest}`, CACHE);
  world.descriptions.set(`${WEB.image}@${chart.digest}`, CHART);
}

function found({ world }: MemoryPorts): object {
  const { newest, ignored } = present(world.store.services.get(WEB.id), "the service").state;
  const known = ignored.map(({ tag, reason }) => `${tag ?? ""}: ${reason}`);
  return { newest, known: known.toSorted() };
}

const EXPECTED = {
  newest: `r-${anImage(1).digest.slice("sha256:".length, "sha256:".length + 16)}-0a1b2c`,
  known: ["v2: it is a build cache", "v3: it is a Helm chart"],
};

describe("what is no image", () => {
  test("is passed over by the hourly look, with the reason, and the newest image is taken", async () => {
    const memory = memoryPorts();
    await install(memory.ports, WEB);
    furnish(memory);
    await onTick(memory.ports, "hour");
    expect(found(memory)).toEqual(EXPECTED);
    // The next look says nothing of it again.
    const told = memory.world.published.length;
    memory.clock.advance(3_600_000);
    await onTick(memory.ports, "hour");
    expect(memory.world.published.slice(told).map(({ kind }) => kind)).toEqual([
      "audit.checkpoint",
    ]);
  });

  test("is passed over by the look right after a specification was applied", async () => {
    const memory = memoryPorts();
    furnish(memory);
    const applied = { kind: "service-applied" as const, service: WEB, by: "user:ann@example.com" };
    await handle(memory.ports, WEB.id, applied);
    const seen = await memory.ports.store.read(WEB.id);
    await lookForImages(memory.ports, present(seen, "the service"));
    expect(found(memory)).toEqual(EXPECTED);
  });

  test("that is newer than all images keeps none of them from the first look", async () => {
    const memory = memoryPorts();
    const many = Array.from({ length: 9 }, (_, index) => anImage(10 + index));
    memory.world.images.set(WEB.image, [anImage(1, { updatedAt: atMs(1) }), ...many]);
    for (const { digest } of many) {
      memory.world.descriptions.set(`${WEB.image}@${digest}`, CACHE);
    }
    await install(memory.ports, WEB);
    await onTick(memory.ports, "hour");
    expect(found(memory)).toMatchObject({ newest: EXPECTED.newest });
  });
});
