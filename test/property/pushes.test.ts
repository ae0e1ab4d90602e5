import fc from "fast-check";
import { expect, test } from "vitest";
import { onImagePush } from "../../shared/app/image-push.ts";
import type { ImagePush } from "../../shared/app/image-push.ts";
import { onTick } from "../../shared/app/tick.ts";
import { specRevision } from "../../shared/domain/ids.ts";
import type { Service } from "../../shared/domain/service.ts";
import type { ImageView } from "../../shared/ports/registry.ts";
import { aDigest, anEnvironment, aService, atMs } from "../support/builders.ts";
import { brokenInWorld } from "../support/invariants.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { runs } from "../support/runs.ts";
import { comeToRest, install } from "../support/storm.ts";

const FOLLOWED = "stable";
const EDGE = anEnvironment("edge", {
  stage: null,
  deploy: { kind: "subscription", tag: FOLLOWED },
  target: "web-edge-us-central1",
});
const WEB = aService({ environments: [...aService().environments, EDGE] });

/** A tag is put on an image; with what becomes of the message about it. */
type Put = {
  readonly image: number;
  readonly tag: string;
  readonly told: number;
  readonly at: number;
};

const puts = fc.array(
  fc.record({
    image: fc.integer({ min: 1, max: 4 }),
    tag: fc.constantFrom("latest", FOLLOWED, "own"),
    /** How often the message comes; a push of which none comes gets a tag of its own, which a look can find. */
    told: fc.integer({ min: 0, max: 2 }),
    at: fc.nat(100),
  }),
  { minLength: 1, maxLength: 12 },
);

/** What a changed specification changes. */
const REVISED = {
  revision: specRevision("3d4e5f"),
  fingerprint: "next",
  sourceUri: "gs://slipway-sources/web/3d4e5f.tar.gz",
};

const SECOND_MS = 1000;

/** The registry after each put, as it would be with its clock a second on. */
function push(
  images: Map<string, readonly ImageView[]>,
  { image, tag }: Put,
  second: number,
): ImagePush {
  const updatedAt = atMs(second * SECOND_MS);
  const before = images.get(WEB.image) ?? [];
  const digest = aDigest(image);
  const fresh: ImageView = { digest, tags: [], uploadedAt: updatedAt, updatedAt };
  const mine = before.find((other) => other.digest === digest) ?? fresh;
  const tags = [...mine.tags.filter((other) => other !== tag), tag];
  const others = before
    .filter((other) => other.digest !== digest)
    .map((other) => Object.assign({}, other, { tags: other.tags.filter((name) => name !== tag) }));
  images.set(WEB.image, [...others, { ...mine, tags, updatedAt }]);
  return { action: "INSERT", repository: WEB.image, digest, tag, publishedAt: updatedAt };
}

function inEnvironment({ world }: MemoryPorts, environment: string): string | undefined {
  return world.store.services.get("web")?.state.environments[environment]?.current?.image;
}

/**
 * Puts tags on images, and has the messages about them come in their own order, perhaps after a look, and perhaps with
 * a changed specification in between. Then it looks once more and comes to rest.
 */
async function tell(
  service: Service,
  named: readonly Put[],
  { looksFirst, revisedAt }: { readonly looksFirst: boolean; readonly revisedAt: number },
): Promise<MemoryPorts> {
  const memory = memoryPorts();
  await install(memory.ports, service);
  memory.clock.advance(named.length * SECOND_MS);
  const messages = named.flatMap((put, index) => {
    const message = push(memory.world.images, put, index);
    return Array.from({ length: put.told }, (_, time) => ({ message, at: put.at * (time + 1) }));
  });
  const inOrder = messages.toSorted((one, other) => one.at - other.at);
  if (looksFirst) {
    await onTick(memory.ports, "hour");
  }
  for (const [index, { message }] of inOrder.entries()) {
    if (index === revisedAt) {
      await install(memory.ports, { ...service, ...REVISED });
    }
    await onImagePush(memory.ports, message);
    expect(brokenInWorld(memory.world, memory.ports.hash)).toEqual([]);
  }
  await onTick(memory.ports, "hour");
  await comeToRest(memory);
  return memory;
}

test("whatever becomes of the messages, every environment ends at what was pushed last", async () => {
  await fc.assert(
    fc.asyncProperty(puts, fc.boolean(), fc.nat(20), async (drawn, looksFirst, revisedAt) => {
      const named = drawn.map((put, index) =>
        put.told === 0 || put.tag === "own" ? { ...put, tag: `t${index}` } : put,
      );
      const memory = await tell(WEB, named, { looksFirst, revisedAt });
      const last = named.at(-1);
      expect(inEnvironment(memory, "dev")).toBe(`${WEB.image}@${aDigest(last?.image ?? 0)}`);
      const followed = memory.world.images
        .get(WEB.image)
        ?.find(({ tags }) => tags.includes(FOLLOWED));
      expect(inEnvironment(memory, "edge")).toBe(
        followed === undefined ? undefined : `${WEB.image}@${followed.digest}`,
      );
    }),
    { numRuns: runs(300) },
  );
});

const VERSIONED = aService({
  order: "semver",
  tags: { kind: "semver", range: ">=1" },
  environments: WEB.environments,
});
const VERSIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

const versionedPuts = fc.shuffledSubarray(VERSIONS, { minLength: 1 }).chain((minors) =>
  fc.tuple(
    ...minors.map((minor) =>
      fc.record({
        image: fc.integer({ min: 1, max: 4 }),
        tag: fc.constantFrom(`v1.${minor}.0`, `v1.${minor}.0`, FOLLOWED),
        told: fc.integer({ min: 0, max: 2 }),
        at: fc.nat(100),
      }),
    ),
  ),
);

test("whatever becomes of the messages, the first stage ends at the highest version, a follower at its tag", async () => {
  await fc.assert(
    fc.asyncProperty(
      versionedPuts,
      fc.boolean(),
      fc.nat(20),
      async (named, looksFirst, revisedAt) => {
        const memory = await tell(VERSIONED, named, { looksFirst, revisedAt });
        const versions = named.filter(({ tag }) => tag !== FOLLOWED);
        const [highest] = versions.toSorted((one, other) => minorOf(other.tag) - minorOf(one.tag));
        const followed = named.findLast(({ tag }) => tag === FOLLOWED);
        expect(inEnvironment(memory, "dev")).toBe(imageOf(highest));
        expect(inEnvironment(memory, "edge")).toBe(imageOf(followed));
      },
    ),
    { numRuns: runs(300) },
  );
});

function imageOf(put: Put | undefined): string | undefined {
  return put === undefined ? undefined : `${WEB.image}@${aDigest(put.image)}`;
}

function minorOf(tag: string): number {
  return Number(tag.split(".")[1]);
}

/** How many records and promotions a world has: what a push leaves behind. */
function left({ world }: MemoryPorts): number {
  const records = [...world.store.records.values()].flat().length;
  return records + world.store.promotions.size;
}

test("no push is passed over in silence, whatever order their messages come in", async () => {
  await fc.assert(
    fc.asyncProperty(puts, fc.constantFrom(WEB, VERSIONED), async (drawn, service) => {
      const memory = memoryPorts();
      await install(memory.ports, service);
      memory.clock.advance(drawn.length * SECOND_MS);
      const messages = drawn.map((put, index) => ({
        at: put.at,
        message: push(memory.world.images, put, index),
      }));
      const told = new Set<string>();
      for (const { message } of messages.toSorted((one, other) => one.at - other.at)) {
        const { digest, tag } = message;
        const before = left(memory);
        await onImagePush(memory.ports, message);
        const { ignored } = memory.world.store.services.get(WEB.id)?.state ?? { ignored: [] };
        const isSaid =
          left(memory) > before || ignored.some((one) => one.digest === digest && one.tag === tag);
        // What was told before may be told again, and is no news.
        expect([message, isSaid || told.has(`${tag} ${digest}`)]).toEqual([message, true]);
        told.add(`${tag} ${digest}`);
      }
    }),
    { numRuns: runs(200) },
  );
});
