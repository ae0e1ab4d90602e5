import { beforeEach, describe, expect, test } from "vitest";
import { onTick } from "../../shared/app/tick.ts";
import { onWork } from "../../shared/app/work.ts";
import { specRevision } from "../../shared/domain/ids.ts";
import type { ImageDescription } from "../../shared/domain/image.ts";
import type { Service } from "../../shared/domain/service.ts";
import type { ImageView } from "../../shared/ports/registry.ts";
import { aDigest, anEnvironment, anImage, aService, atMs } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";
import { comeToRest, install } from "../support/storm.ts";

const WEB = aService();
const EDGE = anEnvironment("edge", {
  stage: null,
  deploy: { kind: "subscription", tag: "stable" },
  target: "web-edge-us-central1",
});
const FOLLOWER = aService({ environments: [...WEB.environments, EDGE] });
const CACHE: ImageDescription = { kind: "other", reason: "it is a build cache" };
const HOUR_MS = 3_600_000;

let memory: MemoryPorts;
beforeEach(() => {
  memory = memoryPorts();
});

/** Images with those numbers, the last one changed last. */
function images(from: number, to: number, parts: Partial<ImageView> = {}): readonly ImageView[] {
  return Array.from({ length: to - from + 1 }, (_, index) => anImage(from + index, parts));
}

/** A look at a registry of which no message ever came, and what follows from it. */
async function look(service: Service, ...held: readonly ImageView[]): Promise<void> {
  memory.world.images.set(service.image, held);
  await install(memory.ports, service);
  await onTick(memory.ports, "hour");
  await comeToRest(memory);
}

function running(environment: string): string | undefined {
  const { state } = present(memory.world.store.services.get(WEB.id), "the service");
  return state.environments[environment]?.current?.image.replace(/^.*@/, "");
}

test("a specification that takes more tags has what is there already looked at, at once", async () => {
  const strict = aService({ tags: { kind: "pattern", pattern: "^release-[0-9]+$" } });
  await look(strict, anImage(1, { tags: ["qa-1"] }));
  expect(running("dev")).toBeUndefined();
  const tags = { kind: "pattern" as const, pattern: "^(release|qa)-[0-9]+$" };
  await install(memory.ports, { ...strict, tags, fingerprint: "next" });
  await onWork(memory.ports, { kind: "service", service: WEB.id, look: null });
  await comeToRest(memory);
  expect(running("dev")).toBe(aDigest(1));
  expect(memory.calls.made.filter((call) => call === "registry.listImages")).toHaveLength(2);
});

test("a changed specification makes one release of what is deployed, and none of all that was there before", async () => {
  await look(FOLLOWER, anImage(1, { tags: ["v1", "stable"] }), ...images(2, 5));
  expect([running("dev"), running("edge")]).toEqual([aDigest(5), aDigest(1)]);
  const [releases, promotions] = [counted().releases, counted().promotions];
  const revision = specRevision("3d4e5f");
  await install(memory.ports, { ...FOLLOWER, revision, fingerprint: "next" });
  await onWork(memory.ports, { kind: "service", service: WEB.id, look: null });
  await comeToRest(memory);
  expect([running("dev"), running("edge")]).toEqual([aDigest(5), aDigest(1)]);
  expect(counted()).toEqual({ releases: releases + 2, promotions: promotions + 2 });
});

/** How many releases and promotions there have been. */
function counted(): { readonly releases: number; readonly promotions: number } {
  const { releases, promotions } = memory.world.store;
  return { releases: releases.size, promotions: promotions.size };
}

test("what was there before is no push that changed nothing, and what is pushed later is", async () => {
  await look(WEB, ...images(1, 5));
  const ignored = (): readonly unknown[] =>
    present(memory.world.store.services.get(WEB.id), "the service").state.ignored;
  expect(ignored()).toEqual([]);
  const [older, newer] = [anImage(6), anImage(7)];
  memory.world.images.set(WEB.image, [older, newer]);
  memory.clock.advance(HOUR_MS);
  await onTick(memory.ports, "hour");
  await comeToRest(memory);
  expect(running("dev")).toBe(aDigest(7));
  expect(ignored()).toMatchObject([{ tag: "v6" }]);
});

describe("a look at the registry", () => {
  test("finds what an environment follows behind more images than it takes up", async () => {
    await look(FOLLOWER, anImage(1, { tags: ["stable"] }), ...images(2, 100));
    expect(running("edge")).toBe(aDigest(1));
    expect(running("dev")).toBe(aDigest(100));
  });

  test("finds what an environment follows behind more images than it goes through", async () => {
    await look(FOLLOWER, anImage(1, { tags: ["stable"] }), ...images(2, 600));
    expect(running("edge")).toBe(aDigest(1));
    expect(running("dev")).toBe(aDigest(600));
  });

  test("is not filled by what has no tag, such as the parts of indexes", async () => {
    await look(WEB, anImage(1), ...images(2, 200, { tags: [] }));
    expect(running("dev")).toBe(aDigest(1));
  });

  test("is not filled by tags of which nothing is made", async () => {
    const tags = { kind: "pattern" as const, pattern: "^v[0-9]+$" };
    const others = images(2, 200).map((image, index) =>
      Object.assign({}, image, { tags: [`ci-${index}`] }),
    );
    await look({ ...WEB, tags }, anImage(1), ...others);
    expect(running("dev")).toBe(aDigest(1));
  });

  test("is not filled by what turns out to be no image", async () => {
    const caches = images(2, 30);
    for (const { digest } of caches) {
      memory.world.descriptions.set(`${WEB.image}@${digest}`, CACHE);
    }
    await look(WEB, anImage(1), ...caches);
    expect(running("dev")).toBe(aDigest(1));
  });

  test.each([
    ["semver", { kind: "semver", range: ">=1.0.0" }, (number: number) => `v1.0.${number}`],
    [
      "build",
      { kind: "pattern", pattern: "^b_(?<build>[0-9]+)$" },
      (number: number) => `b_${number}`,
    ],
  ] as const)(
    "finds the highest by %s, however much was pushed after it",
    async (order, tags, tagOf) => {
      const highest = anImage(1, { tags: [tagOf(99)] });
      const others = images(2, 40).map((image, index) =>
        Object.assign({}, image, { tags: [tagOf(index)] }),
      );
      await look({ ...WEB, order, tags }, highest, ...others);
      expect(running("dev")).toBe(aDigest(1));
    },
  );

  test("offers an older image that got a tag later, under that tag as well", async () => {
    const [first, second] = [anImage(1), anImage(2)];
    await look(FOLLOWER, first, second);
    expect([running("dev"), running("edge")]).toEqual([aDigest(2), undefined]);
    const retagged = { ...first, tags: ["v1", "stable", "v3"], updatedAt: atMs(3) };
    memory.world.images.set(WEB.image, [retagged, second]);
    memory.clock.advance(HOUR_MS);
    await onTick(memory.ports, "hour");
    await comeToRest(memory);
    expect([running("dev"), running("edge")]).toEqual([aDigest(1), aDigest(1)]);
  });
});
