import { expect, test } from "vitest";
import { onImagePush } from "../../shared/app/image-push.ts";
import { TAGS_MAX } from "../../shared/domain/image.ts";
import { aDigest, anEnvironment, aPolicy, aService } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { install } from "../support/storm.ts";

const SERVICE = aService({
  environments: [anEnvironment("dev", { policy: aPolicy({ promotion: "automatic" }) })],
});
const IMAGE = SERVICE.image;
const SECOND_MS = 1000;

/** The time now as the registry and Pub/Sub write it. */
function timeOf({ clock }: MemoryPorts): string {
  return new Date(clock.now()).toISOString().replace("Z", "000000Z");
}

/** A message that says now that the tag was put on the image. */
async function tell(memory: MemoryPorts, number: number, tag: string): Promise<void> {
  await onImagePush(memory.ports, {
    action: "INSERT",
    repository: IMAGE,
    digest: aDigest(number),
    tag,
    publishedAt: timeOf(memory),
  });
}

/** Puts a tag on an image a second later, and tells of it. */
async function put(memory: MemoryPorts, number: number, tag: string): Promise<void> {
  memory.clock.advance(SECOND_MS);
  const digest = aDigest(number);
  const now = timeOf(memory);
  const images = memory.world.images.get(IMAGE) ?? [];
  const { tags = [], uploadedAt = now } = images.find((image) => image.digest === digest) ?? {};
  const image = { digest, tags: [...tags, tag], uploadedAt, updatedAt: now };
  memory.world.images.set(IMAGE, [...images.filter((other) => other.digest !== digest), image]);
  await tell(memory, number, tag);
}

/** An image with so many tags, and a newer one. */
async function flooded(tagCount: number): Promise<MemoryPorts> {
  const memory = memoryPorts();
  await install(memory.ports, SERVICE);
  for (let tag = 1; tag <= tagCount; tag += 1) {
    await put(memory, 1, `t${tag}`);
  }
  await put(memory, 2, "newer");
  memory.clock.advance(SECOND_MS);
  return memory;
}

function newest({ world }: MemoryPorts): string | undefined {
  const state = world.store.services.get(SERVICE.id)?.state;
  return state?.releases[state.newest ?? ""]?.digest;
}

test.each([1, 2, TAGS_MAX, TAGS_MAX + 1, 3 * TAGS_MAX])(
  "of an image that has %i tags no message that comes again puts it over a newer one",
  async (tagCount) => {
    const memory = await flooded(tagCount);
    for (let tag = 1; tag <= tagCount; tag += 1) {
      await tell(memory, 1, `t${tag}`);
    }
    expect(newest(memory)).toBe(aDigest(2));
  },
);

test.each([1, TAGS_MAX, 3 * TAGS_MAX])(
  "an image that has %i tags is the newest once it gets one more",
  async (tagCount) => {
    const memory = await flooded(tagCount);
    await put(memory, 1, "one-more");
    expect(newest(memory)).toBe(aDigest(1));
  },
);

test("an image is the newest again once a tag was taken from it and put back", async () => {
  const memory = await flooded(2);
  await put(memory, 1, "t1");
  expect(newest(memory)).toBe(aDigest(1));
});

test("a message that says it was published later than now has the place of what the registry changed", async () => {
  const memory = await flooded(1);
  const digest = aDigest(1);
  const push = { action: "INSERT" as const, repository: IMAGE, digest };
  const future = "2999-01-01T00:00:00.000000000Z";
  await onImagePush(memory.ports, { ...push, tag: "t1", publishedAt: future });
  expect(newest(memory)).toBe(aDigest(2));
  // A tag that nobody told of, under the same lie: it was put when the registry changed the image, and not after.
  const images = memory.world.images.get(IMAGE) ?? [];
  const tagged = images.map((image) =>
    Object.assign({}, image, image.digest === digest ? { tags: ["t1", "untold"] } : {}),
  );
  memory.world.images.set(IMAGE, tagged);
  await onImagePush(memory.ports, { ...push, tag: "untold", publishedAt: future });
  expect(newest(memory)).toBe(aDigest(2));
  await put(memory, 3, "last");
  expect(newest(memory)).toBe(aDigest(3));
});
