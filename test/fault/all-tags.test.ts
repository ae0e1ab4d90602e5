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

type Story = {
  readonly version: string;
  readonly isTold: boolean;
  readonly comesToRest?: boolean;
};

async function pushed(
  order: readonly number[],
  { version, isTold, comesToRest = true }: Story,
): Promise<MemoryPorts> {
  const memory = memoryPorts();
  memory.world.health.set(present(WEB.environments[0], "dev").runService, { version });
  await install(memory.ports, WEB);
  for (const index of order) {
    await put(memory, TAGS[index] ?? "", isTold);
  }
  if (comesToRest) {
    await comeToRest(memory);
  }
  return memory;
}

async function untold(version: string): Promise<MemoryPorts> {
  const memory = await pushed([0], { version, isTold: true, comesToRest: false });
  const tagged = { ...anImage(1), tags: ["main-1", "1.4.0"] };
  memory.world.images.set(WEB.image, [tagged]);
  return memory;
}

function stateOf({ world }: MemoryPorts): readonly unknown[] {
  const [promotion] = [...world.store.promotions.values()];
  const [image] = [...world.store.images.values()];
  return [promotion?.state, image?.bad?.reason ?? null];
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

  describe("of which a message never came", () => {
    test("is proved by it: the registry is asked before a version condemns", async () => {
      const memory = await untold("1.4.0");
      await comeToRest(memory);
      expect(stateOf(memory)).toEqual(["SUCCEEDED", null]);
    });

    test.each(["transient", "permanent"] as const)(
      "is not condemned while the registry does not answer (%s), nor after that",
      async (outage) => {
        const memory = await untold("1.4.0");
        memory.calls.outages.set("registry.getImage", outage);
        memory.cloudDeploy.finishAll();
        for (const minutesMs of [minutes(1), minutes(10), minutes(10)]) {
          await onTick(memory.ports, "minute");
          memory.clock.advance(minutesMs);
        }
        expect(stateOf(memory)).toEqual(["RUNNING", null]);
        memory.calls.outages.clear();
        await comeToRest(memory);
        expect(stateOf(memory)).toEqual(["SUCCEEDED", null]);
        const other = await untold("1.4.0");
        other.calls.outages.set("registry.getImage", outage);
        await comeToRest(other);
        expect(stateOf(other)).toEqual(["FAILED", null]);
      },
    );

    test("is given back for a version that no tag is, once the registry has been asked", async () => {
      const memory = await untold("1.4.1");
      await comeToRest(memory);
      expect(stateOf(memory)[0]).toBe("FAILED");
      const [promotion] = [...memory.world.store.promotions.values()];
      expect(JSON.stringify(promotion?.steps)).toContain("reports 1.4.1");
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
