import { beforeEach, describe, expect, test } from "vitest";
import { onImagePush } from "../../shared/app/image-push.ts";
import { handle } from "../../shared/app/handle.ts";
import { nameRelease } from "../../shared/app/name-release.ts";
import { releaseId, specRevision } from "../../shared/domain/ids.ts";
import type { SpecRevision } from "../../shared/domain/ids.ts";
import type { Release } from "../../shared/domain/release.ts";
import { aDigest, anImage, aService } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";
import { install } from "../support/storm.ts";

const WEB = aService();
const NEXT = specRevision("3d4e5f");

let memory: MemoryPorts;

async function push(number: number, tag: string, afterMs: number): Promise<void> {
  const { images } = memory.world;
  const known = (images.get(WEB.image) ?? []).map((image) =>
    Object.assign({}, image, { tags: image.tags.filter((other) => other !== tag) }),
  );
  const mine =
    known.find(({ digest }) => digest === aDigest(number)) ?? anImage(number, { tags: [] });
  const pushed = { ...mine, tags: [...mine.tags, tag], updatedAt: anImage(afterMs).updatedAt };
  images.set(WEB.image, [...known.filter(({ digest }) => digest !== pushed.digest), pushed]);
  const { digest, updatedAt: publishedAt } = pushed;
  await onImagePush(memory.ports, {
    action: "INSERT",
    repository: WEB.image,
    digest,
    tag,
    publishedAt,
  });
}

async function named(
  name: string,
  isMeant: (release: Release) => boolean = () => true,
): Promise<unknown> {
  const { state } = present(await memory.ports.store.read(WEB.id), "the service");
  const result = await nameRelease(memory.ports, state, { name, isMeant });
  return result.ok ? result.value : result.refusal.kind;
}

function release(number: number, revision: SpecRevision = WEB.revision): string {
  return releaseId(aDigest(number), revision);
}

beforeEach(async () => {
  memory = memoryPorts();
  await install(memory.ports, WEB);
  await push(1, "v1", 1);
  await push(2, "v2", 2);
  for (const number of [3, 4, 5, 6, 7, 8, 9]) {
    await push(number, `v${number}`, number);
  }
});

describe("a release is named", () => {
  test("by its id, also when the state has forgotten it", async () => {
    expect(await named(release(9))).toBe(release(9));
    expect(await named(release(2))).toBe(release(2));
  });

  test("by a tag: the image that got it last", async () => {
    expect(await named("v2")).toBe(release(2));
    await push(2, "stable", 20);
    expect(await named("stable")).toBe(release(2));
    await push(3, "stable", 21);
    expect(await named("stable")).toBe(release(3));
  });

  test("by its digest, in full or in part, and by a part of its id", async () => {
    expect(await named(aDigest(2))).toBe(release(2));
    expect(await named(aDigest(2).slice("sha256:".length, "sha256:".length + 8))).toBe(release(2));
    expect(await named(release(2).slice(0, 8))).toBe(release(2));
  });

  test.each(["v99", "r-", "r-2", "200", "r-ffff", "constructor", "", "../x", "x".repeat(128)])(
    "by %j by nobody",
    async (name) => {
      expect(await named(name)).toBe("not-found");
    },
  );

  test("not by what could be several, which are told", async () => {
    await push(0x12, "v18", 30);
    await push(0x112, "v274", 31);
    expect(await named("2100")).toBe(release(0x12));
    const { state } = present(await memory.ports.store.read(WEB.id), "the service");
    await push(0x1_0012, "other", 32);
    const several = await nameRelease(memory.ports, state, { name: "2100", isMeant: () => true });
    expect(several).toMatchObject({ ok: false, refusal: { kind: "invalid" } });
    expect(JSON.stringify(several)).toContain(release(0x1_0012));
  });

  test("of the releases of its image that one is meant which can be, else the last one", async () => {
    const service = { ...WEB, revision: NEXT, fingerprint: "next" };
    await handle(memory.ports, WEB.id, {
      kind: "service-applied",
      service,
      by: "user:ann@example.com",
    });
    expect(await named("v9")).toBe(release(9, NEXT));
    expect(await named("v9", ({ revision }) => revision === WEB.revision)).toBe(release(9));
    expect(await named("v9", () => false)).toBe(release(9, NEXT));
  });
});
