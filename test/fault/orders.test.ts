import { describe, expect, test } from "vitest";
import { explainRelease } from "../../shared/app/explain.ts";
import { handle } from "../../shared/app/handle.ts";
import { onImagePush } from "../../shared/app/image-push.ts";
import { onTick } from "../../shared/app/tick.ts";
import type { Explanation } from "../../shared/domain/explain/explain.ts";
import { releaseId } from "../../shared/domain/ids.ts";
import type { OrderPolicy, Service, TagPolicy } from "../../shared/domain/service.ts";
import { aDigest, anEnvironment, anImage, aService } from "../support/builders.ts";
import { asked } from "../support/decider.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";
import { comeToRest, install } from "../support/storm.ts";

const DEV = anEnvironment("dev");
const VERSIONS: TagPolicy = { kind: "semver", range: ">=1.0.0" };
const BUILDS: TagPolicy = {
  kind: "pattern",
  pattern: "^(?<commit>[0-9a-f]{7})_(?<build>[0-9]+)$",
};

function ordered(order: OrderPolicy, tags: TagPolicy): Service {
  return aService({ order, tags, environments: [DEV] });
}

async function installed(service: Service): Promise<MemoryPorts> {
  const memory = memoryPorts();
  await install(memory.ports, service);
  return memory;
}

/** Puts a tag on the numbered image, and tells of it or not. */
async function put(
  memory: MemoryPorts,
  number: number,
  { tag, isTold = true }: { readonly tag: string; readonly isTold?: boolean },
): Promise<void> {
  const { image: repository } = aService();
  memory.clock.advance(60_000);
  const updatedAt = new Date(memory.clock.now()).toISOString().replace("Z", "000000Z");
  const others = (memory.world.images.get(repository) ?? []).filter(
    ({ digest }) => digest !== aDigest(number),
  );
  const known = memory.world.images
    .get(repository)
    ?.find(({ digest }) => digest === aDigest(number));
  const image = { ...anImage(number), tags: [...(known?.tags ?? []), tag], updatedAt };
  memory.world.images.set(repository, [...others, image]);
  if (isTold) {
    const { digest } = image;
    const action = "INSERT" as const;
    await onImagePush(memory.ports, { action, repository, digest, tag, publishedAt: updatedAt });
  } else {
    await onTick(memory.ports, "hour");
  }
  await comeToRest(memory);
}

function inDev({ world }: MemoryPorts): string | undefined {
  const { state } = present(world.store.services.get(aService().id), "the service");
  return state.environments["dev"]?.current?.image.replace(/^.*@/, "");
}

async function explained({ ports }: MemoryPorts): Promise<Explanation> {
  const seen = present(await ports.store.read(aService().id), "the service");
  const asker = { environment: DEV, release: null, by: "user:ann@example.com" };
  const answer = await explainRelease(ports, seen, asker);
  expect(answer.ok).toBe(true);
  return present(answer.ok ? answer.value : null, "the explanation");
}

function superseded({ world }: MemoryPorts): readonly (string | null)[] {
  return [...world.store.records.values()]
    .flat()
    .filter(({ kind }) => kind === "promotion.superseded")
    .map(({ reason }) => reason);
}

describe.each([
  ["semver", VERSIONS, "v1.3.0", "v1.2.5"],
  ["semver", VERSIONS, "1.10.0", "v1.9.0"],
  ["build", BUILDS, "0123456_44", "89abcde_43"],
  ["build", BUILDS, "0123456_100", "89abcde_99"],
] as const)("in the order %s by %j, %s and then %s", (order, tags, higher, lower) => {
  test.each([true, false])(
    "the lower never takes the higher one's place by itself, and says why (told: %s)",
    async (isTold) => {
      const memory = await installed(ordered(order, tags));
      await put(memory, 1, { tag: higher, isTold });
      await put(memory, 2, { tag: lower, isTold });
      expect(inDev(memory)).toBe(aDigest(1));
      const why = expect.stringMatching(
        new RegExp(
          `^the newer release .*\\(${higher}\\) is there.*promote r-\\S+ into dev by hand`,
        ),
      ) as unknown;
      expect(superseded(memory)).toEqual([why]);
      const { release, ignored } = await explained(memory);
      expect(release?.tag).toBe(higher);
      expect(ignored).toMatchObject([{ tag: lower, digest: aDigest(2), reason: why }]);
      await onTick(memory.ports, "hour");
      await comeToRest(memory);
      expect(inDev(memory)).toBe(aDigest(1));
    },
  );

  test("the higher that comes second takes it, and the lower goes there by hand", async () => {
    const memory = await installed(ordered(order, tags));
    await put(memory, 2, { tag: lower });
    await put(memory, 1, { tag: higher });
    expect(inDev(memory)).toBe(aDigest(1));
    const release = releaseId(aDigest(2), aService().revision);
    await handle(memory.ports, aService().id, asked("dev", { release }));
    await comeToRest(memory);
    expect(inDev(memory)).toBe(aDigest(2));
  });

  test("in the order of pushes, the last one is the newest", async () => {
    const memory = await installed(ordered("pushed", tags));
    await put(memory, 1, { tag: higher });
    await put(memory, 2, { tag: lower });
    expect(inDev(memory)).toBe(aDigest(2));
  });
});

describe("an order that is changed by another specification", () => {
  test("holds for the releases that are there already", async () => {
    const memory = await installed(ordered("pushed", VERSIONS));
    await put(memory, 1, { tag: "v1.3.0" });
    await install(memory.ports, { ...ordered("semver", VERSIONS), fingerprint: "next" });
    await put(memory, 2, { tag: "v1.2.5" });
    expect(inDev(memory)).toBe(aDigest(1));
    expect(superseded(memory)).toHaveLength(1);
  });

  test("holds no longer once pushes are what counts", async () => {
    const memory = await installed(ordered("semver", VERSIONS));
    await put(memory, 1, { tag: "v1.3.0" });
    await install(memory.ports, { ...ordered("pushed", VERSIONS), fingerprint: "next" });
    await put(memory, 2, { tag: "v1.2.5" });
    expect(inDev(memory)).toBe(aDigest(2));
  });
});

/** The pushes that an explanation tells of, and the kinds and reasons of what the record says of them. */
async function told(memory: MemoryPorts): Promise<readonly string[]> {
  const { ignored } = await explained(memory);
  const records = [...memory.world.store.records.values()].flat();
  return ignored.map(({ tag, reason }) => {
    const own = records.filter((record) => record.reason === reason);
    return `${tag ?? ""}: ${reason} [${own.map(({ kind }) => kind).join(" ")}]`;
  });
}

describe("every push that changes nothing", () => {
  const MAIN: TagPolicy = { kind: "pattern", pattern: "^main-[0-9]+$" };

  test("of a tag that makes no release is told of", async () => {
    const memory = await installed(ordered("pushed", MAIN));
    await put(memory, 1, { tag: "wip" });
    expect(await told(memory)).toEqual([
      expect.stringMatching(/^wip: wip does not match .* \[image\.ignored\]$/),
    ]);
  });

  test("of a digest that runs already is told of", async () => {
    const memory = await installed(ordered("pushed", MAIN));
    await put(memory, 1, { tag: "main-1" });
    await put(memory, 1, { tag: "main-2" });
    expect(await told(memory)).toEqual([
      expect.stringMatching(/^main-2: it is release .* already \[image\.ignored\]$/),
    ]);
  });

  test("of a tag that has moved on is told of", async () => {
    const memory = await installed(ordered("pushed", MAIN));
    await put(memory, 1, { tag: "main-1" });
    const { image: repository } = aService();
    const late = { action: "INSERT" as const, repository, tag: "main-0", publishedAt: null };
    await onImagePush(memory.ports, { ...late, digest: aDigest(1) });
    expect(await told(memory)).toEqual([
      expect.stringMatching(/^main-0: the tag has moved on .* \[image\.ignored\]$/),
    ]);
  });

  test("of one whose place a newer one took while it waited is told of", async () => {
    const memory = await installed(ordered("pushed", MAIN));
    for (const number of [1, 2, 3]) {
      const { image: repository } = aService();
      memory.clock.advance(1000);
      const updatedAt = new Date(memory.clock.now()).toISOString().replace("Z", "000000Z");
      const image = { ...anImage(number), tags: [`main-${number}`], updatedAt };
      memory.world.images.set(repository, [...(memory.world.images.get(repository) ?? []), image]);
      const { digest } = image;
      const push = { action: "INSERT" as const, repository, digest, tag: `main-${number}` };
      await onImagePush(memory.ports, { ...push, publishedAt: updatedAt });
    }
    expect(await told(memory)).toEqual([
      expect.stringMatching(/^main-2: the newer request for .* \[promotion\.superseded\]$/),
    ]);
    await comeToRest(memory);
    expect(inDev(memory)).toBe(aDigest(3));
  });
});
