import { describe, expect, test } from "vitest";
import { nameRelease } from "../../shared/app/name-release.ts";
import { onImagePush } from "../../shared/app/image-push.ts";
import { onTick } from "../../shared/app/tick.ts";
import { minutes } from "../../shared/domain/time.ts";
import { aDigest, anEnvironment, anImage, aPolicy, aService } from "../support/builders.ts";
import { memoryPorts } from "../support/memory-ports.ts";
import type { MemoryPorts } from "../support/memory-ports.ts";
import { present } from "../support/present.ts";
import { comeToRest, install } from "../support/storm.ts";

const verify = {
  path: "/-/healthz",
  version: "/-/version",
  url: null,
  bake: minutes(0),
  onFailure: "rollback" as const,
};
const WEB = aService({
  tags: { kind: "pattern", pattern: "^main-[0-9]+$" },
  environments: [anEnvironment("dev", { policy: aPolicy({ promotion: "automatic", verify }) })],
});
const TAGS = ["main-1", "1.4.0", "latest"] as const;
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Puts a tag on the image, and tells of it or lets the next look find it. */
async function put(memory: MemoryPorts, tag: string, isTold: boolean): Promise<void> {
  memory.clock.advance(1000);
  const updatedAt = new Date(memory.clock.now()).toISOString().replace("Z", "000000Z");
  const [known] = memory.world.images.get(WEB.image) ?? [];
  const image = { ...anImage(1), tags: [...(known?.tags ?? []), tag], updatedAt };
  memory.world.images.set(WEB.image, [image]);
  const push = { action: "INSERT" as const, repository: WEB.image, digest: image.digest, tag };
  await (isTold
    ? onImagePush(memory.ports, { ...push, publishedAt: updatedAt })
    : onTick(memory.ports, "hour"));
}

async function pushed(
  order: readonly number[],
  { version, isTold }: { readonly version: string; readonly isTold: boolean },
): Promise<MemoryPorts> {
  const memory = memoryPorts();
  memory.world.health.set(present(WEB.environments[0], "dev").runService, { version });
  await install(memory.ports, WEB);
  for (const index of order) {
    await put(memory, TAGS[index] ?? "", isTold);
  }
  await comeToRest(memory);
  return memory;
}

describe("an image with a tag that makes a release, and others that make none", () => {
  describe.each([true, false])("of which messages come: %s", (isTold) => {
    test.each(TAGS)("is proved by %s, in whatever order it got its tags", async (version) => {
      for (const order of ORDERS) {
        const { world } = await pushed(order, { version, isTold });
        const [promotion] = [...world.store.promotions.values()];
        expect([order, promotion?.state]).toEqual([order, "SUCCEEDED"]);
        expect([...world.store.images.values()].map(({ bad }) => bad)).toEqual([null]);
      }
    });

    test("is not proved by a version that it never had", async () => {
      const { world } = await pushed([0, 1, 2], { version: "1.4.1", isTold });
      const [promotion] = [...world.store.promotions.values()];
      expect(promotion?.state).toBe("FAILED");
    });
  });

  test("is named by each of them", async () => {
    const memory = await pushed([1, 0, 2], { version: "1.4.0", isTold: true });
    const { state } = present(await memory.ports.store.read(WEB.id), "the service");
    for (const name of TAGS) {
      const named = await nameRelease(memory.ports, state, { name, isMeant: () => true });
      expect(named).toEqual({ ok: true, value: state.newest });
    }
    expect(state.releases[state.newest ?? ""]?.digest).toBe(aDigest(1));
  });
});
