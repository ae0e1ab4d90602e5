import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { onImagePush } from "../../shared/app/image-push.ts";
import { startApiWorld } from "../support/api-world.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { aDigest, anEnvironment, anImage, aPolicy, aService } from "../support/builders.ts";
import { happen, install } from "../support/storm.ts";

const IMAGE = aService().image;
const PLACE = "/v1/services/web/environments/edge";

let api: ApiWorld;
beforeEach(async () => {
  api = await startApiWorld();
});
afterEach(async () => api.close());

/** The service with a stage and an environment that follows `stable`, by itself or when somebody asks. */
async function begin(promotion: "automatic" | "manual"): Promise<void> {
  const edge = anEnvironment("edge", {
    stage: null,
    deploy: { kind: "subscription", tag: "stable" },
    target: "web-edge-us-central1",
    policy: aPolicy({ promotion }),
  });
  await install(api.memory.ports, aService({ environments: [anEnvironment("dev"), edge] }));
}

/** Puts a tag on an image, takes it off the others, and tells of it or not. */
async function put(number: number, tag: string, isTold = true): Promise<void> {
  const { memory } = api;
  memory.clock.advance(1000);
  const updatedAt = new Date(memory.clock.now()).toISOString().replace("Z", "000000Z");
  const before = (memory.world.images.get(IMAGE) ?? []).map((image) =>
    Object.assign({}, image, { tags: image.tags.filter((other) => other !== tag) }),
  );
  const digest = aDigest(number);
  const { tags } = before.find((image) => image.digest === digest) ?? { tags: [] };
  const image = { ...anImage(number), tags: [...tags, tag], updatedAt };
  memory.world.images.set(IMAGE, [...before.filter((one) => one.digest !== digest), image]);
  if (isTold) {
    const push = { action: "INSERT" as const, repository: IMAGE, digest, tag };
    await onImagePush(memory.ports, { ...push, publishedAt: updatedAt });
  }
  await happen(memory, { kind: "roll", isNotified: true });
}

async function running(): Promise<string | null> {
  const state = [...api.memory.world.store.services.values()][0]?.state;
  return state?.environments["edge"]?.current?.image.replace(/^.*@/, "") ?? null;
}

async function promote(): Promise<number> {
  const { status } = await api.call("deployer", `POST ${PLACE}:promote`, {});
  await happen(api.memory, { kind: "roll", isNotified: true });
  return status;
}

async function explained(): Promise<string> {
  const { body } = await api.call("viewer", `GET ${PLACE}:explain`);
  return JSON.stringify(body);
}

describe("an environment that follows a tag when somebody asks", () => {
  test("takes nothing by itself, and then the image of its tag, not the newest one", async () => {
    await begin("manual");
    await put(1, "stable");
    await put(2, "v2");
    expect(await running()).toBeNull();
    expect(await explained()).toContain("stable");
    expect(await explained()).not.toContain('"v2"');
    expect(await promote()).toBe(202);
    expect(await running()).toBe(aDigest(1));
    await put(3, "stable");
    expect(await running()).toBe(aDigest(1));
    expect(await explained()).toMatch(/"release":\{"id":"r-3/);
    expect(await promote()).toBe(202);
    expect(await running()).toBe(aDigest(3));
  });

  test("takes what its tag is on at that moment, though no message told of it", async () => {
    await begin("manual");
    await put(1, "stable");
    await put(2, "stable", false);
    expect(await promote()).toBe(202);
    expect(await running()).toBe(aDigest(2));
  });

  test("says which tag is missing while no image has it", async () => {
    await begin("manual");
    await put(2, "v2");
    expect(await explained()).toContain("edge is deployed from the tag stable, and no release");
    expect(await promote()).toBe(404);
    expect((await api.call("viewer", `GET ${PLACE}/changes`)).status).toBe(404);
  });
});

describe("an environment that follows a tag by itself", () => {
  test("has nothing to promote but what its tag is on", async () => {
    await begin("automatic");
    await put(1, "stable");
    expect(await running()).toBe(aDigest(1));
    await put(2, "v2");
    expect(await running()).toBe(aDigest(1));
    expect(await promote()).toBe(409);
    expect(await running()).toBe(aDigest(1));
    await put(2, "stable", false);
    expect(await promote()).toBe(202);
    expect(await running()).toBe(aDigest(2));
  });
});
