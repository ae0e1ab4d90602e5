import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage, pushImage } from "../../infra/local/image.ts";
import { buildIndex } from "../support/image-shapes.ts";
import { deliveryOf, postEvent, pushed } from "../support/image-event.ts";
import { imageOf, smallSpec } from "../support/local-spec.ts";
import { readRecords, readReleases, readTags, tagArrives } from "../support/local-views.ts";
import { imageUrl, openLocalWorld, undelivered } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

const SYSTEM = "_slipway";
const TAG = "0123456789ab_1";

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld({ isKept: true });
  await world.apply(smallSpec("web", ["delivery:", "  tags: '^[0-9a-f]{12}_\\d+$'"]));
  await world.apply(smallSpec("other"));
  await world.push("web", TAG);
  await tagArrives(world, "web", { environment: "dev", tag: TAG });
});

afterAll(async () => {
  await world.close();
});

/** Waits for a record of a chain whose reason or details say something, and gives it. */
async function recorded(chain: string, kind: string, text: string): Promise<object | undefined> {
  const found = await until(
    `${kind} about ${text} is on record`,
    async () =>
      (await readRecords(world, chain)).filter(
        (record) => record.kind === kind && JSON.stringify(record).includes(text),
      ),
    (records) => records.length > 0,
  );
  expect(found, "it is told once").toHaveLength(1);
  return found[0];
}

/** Waits until every message was delivered and answered, well or not. */
async function allDelivered(): Promise<void> {
  await world.cloud.emulators.pubsub.idle();
}

/** The tags of all releases, and of what runs, once every message was delivered. */
async function atRest(): Promise<object> {
  await allDelivered();
  const releases = await readReleases(world, "web");
  return { releases: releases.map(({ tag }) => tag), running: await readTags(world, "web") };
}

const UNTOUCHED = { releases: [TAG], running: [TAG, null] };

describe("a message that cannot be read", () => {
  test.each([
    ["is not JSON", "gcr", "so not JSON", /not JSON/],
    ["is JSON of another shape", "gcr", { hello: "world" }, /action/],
    ["has an unknown action", "gcr", { action: "MOVE", tag: imageOf("web") }, /action/],
    ["names no image", "gcr", { action: "INSERT", tag: "!!" }, /image/],
    ["is no tick", "slipway-ticks", { kind: "century" }, /kind/],
  ] as const)("and %s is refused on the record", async (_, topic, data, reason) => {
    const before = (await readRecords(world, SYSTEM)).length;
    world.publish(topic, data);
    const records = await until(
      "its refusal is on record",
      async () => (await readRecords(world, SYSTEM)).slice(before),
      ({ length }) => length > 0,
    );
    expect(records).toMatchObject([{ kind: "message.refused", by: "slipway" }]);
    expect(records[0]?.reason).toMatch(reason);
    expect(await atRest()).toEqual(UNTOUCHED);
  });

  test("and is no delivery of Pub/Sub is answered with why, and not asked for again", async () => {
    const event = { name: "on-image-push", id: "strange" };
    const answer = await postEvent(world, event, JSON.stringify({ hello: "world" }));
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('"outcome":"refused"');
    expect(answer.body).toContain("message");
    await recorded(SYSTEM, "message.refused", "unreadable");
  });

  test("and comes from outside finds nobody, as Cloud Run's front says", async () => {
    const body = deliveryOf("push-1", pushed("web", `sha256:${"0".repeat(64)}`, TAG));
    const url = world.file.functions["on-image-push"] ?? "";
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain("Page not found");
  });

  test("and tells of a pipeline that is not ours is passed over", async () => {
    world.cloud.emulators.pubsub.publisher.publish(
      "projects/slipway-local/topics/clouddeploy-operations",
      {
        attributes: {
          Action: "Succeed",
          ResourceType: "Rollout",
          DeliveryPipelineId: "foreign",
          ReleaseId: "r1",
          RolloutId: "r1-to-prod-0001",
          Resource:
            "projects/1/locations/us-central1/deliveryPipelines/foreign/releases/r1/rollouts/r1-to-prod-0001",
        },
      },
    );
    expect(await atRest()).toEqual(UNTOUCHED);
  });
});

describe("an image that makes no release", () => {
  test("because no service has it is on record once, however often it is pushed", async () => {
    await world.push("nobodys", "v1");
    await recorded(SYSTEM, "image.ignored", imageOf("nobodys"));
    await world.push("nobodys", "v2");
    await allDelivered();
    const record = await recorded(SYSTEM, "image.ignored", imageOf("nobodys"));
    expect(record).toMatchObject({ reason: `no service has the image ${imageOf("nobodys")}` });
  });

  test("because its tag is outside the policy is on record with the policy", async () => {
    await world.push("web", "latest");
    const record = await recorded("web", "image.ignored", '"tag":"latest"');
    expect(record).toMatchObject({ reason: expect.stringContaining("does not match") as unknown });
    expect(await atRest()).toEqual(UNTOUCHED);
  });

  test.each(["sig", "att", "sbom"])(
    "because it is a .%s of another image is on record",
    async (kind) => {
      const tag = `sha256-${"ab".repeat(32)}.${kind}`;
      await world.push("other", tag);
      const record = await recorded("other", "image.ignored", tag);
      expect(record).toMatchObject({ reason: expect.stringContaining("signature") as unknown });
      await allDelivered();
      expect(await readReleases(world, "other")).toEqual([]);
    },
  );

  test("because the registry does not have it is passed over", async () => {
    world.publish("gcr", pushed("web", `sha256:${"7".repeat(64)}`, "0123456789ab_9"));
    expect(await atRest()).toEqual(UNTOUCHED);
  });
});

describe("what happens to an image besides", () => {
  test("the parts of an index make no release, the index makes one", async () => {
    const arm = { architecture: "arm64", os: "linux" };
    const index = buildIndex([
      {
        image: await buildImage({ env: { A: "1" } }),
        platform: { architecture: "amd64", os: "linux" },
      },
      { image: await buildImage({ platform: arm }), platform: arm },
    ]);
    const digest = await pushImage(imageUrl(world.file, "other"), index, "v7");
    await tagArrives(world, "other", { environment: "dev", tag: "v7" });
    await allDelivered();
    expect(await readReleases(world, "other")).toMatchObject([
      { image: `${imageOf("other")}@${digest}`, tag: "v7" },
    ]);
  });

  test("a tag that is deleted leaves what runs as it is", async () => {
    const { origin, pathname } = new URL(imageUrl(world.file, "web"));
    const url = `${origin}/v2${pathname}/manifests/${TAG}`;
    expect((await fetch(url, { method: "DELETE" })).status).toBe(202);
    expect(await atRest()).toEqual(UNTOUCHED);
  });
});

describe("after all of this", () => {
  test("no message is left over or delivered again", async () => {
    await allDelivered();
    await world.stop();
    expect(await undelivered(world)).toEqual([]);
  });
});
