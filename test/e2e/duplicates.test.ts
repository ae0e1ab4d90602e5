import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { brokenFeed, messagesOf, recordsOf } from "../support/audit-events.ts";
import { readAuditFeed } from "../support/audit-reader.ts";
import type { AuditReader } from "../support/audit-reader.ts";
import { deliveryOf, postEvent, pushed } from "../support/image-event.ts";
import { smallSpec } from "../support/local-spec.ts";
import { brokenInLocal, readCloudDeploy } from "../support/local-state.ts";
import { readPromotions, readRecords, readReleases, tagArrives } from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

const TAG = "0123456789ab_7";
const IMAGE_PUSHES = "slipway-on-image-push-gcr";
const WAKE_UPS = "slipway-on-work-slipway-work";

/** How the deliveries are spread: at once by HTTP, through Pub/Sub while those run, one by one, and late. */
const AT_ONCE = 8;
const PUBLISHED = 6;
const ONE_BY_ONE = 3;
const LATE = 3;

function times(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

let world: LocalWorld;
let reader: AuditReader;

beforeAll(async () => {
  world = await openLocalWorld();
  reader = await readAuditFeed(world.file, "duplicates");
});

afterAll(async () => {
  await reader.close();
  await world.close();
});

async function expectEachRecordOnce(): Promise<void> {
  const records = await readRecords(world, "web");
  const kinds = records.map(({ kind }) => kind);
  expect(kinds).toHaveLength(new Set(kinds).size);
  const messages = await until(
    "the feed has every record",
    async () => Promise.resolve(messagesOf(reader.messages(), "web")),
    (all) => all.length >= records.length,
  );
  expect(messages).toHaveLength(records.length);
  expect(recordsOf(messages)).toEqual(records);
  expect(brokenFeed(messages)).toEqual([]);
  expect(await brokenInLocal(world, "web", messages)).toEqual([]);
}

describe("one image notification that is delivered twenty times, some at once", () => {
  test("makes one release, one rollout, and each record once", async () => {
    const service = await world.apply(smallSpec("web"));
    // What was applied is looked at once. That is over before there is an image to be found.
    await world.cloud.emulators.pubsub.idle();
    // The push's own notification is lost, so that every delivery is one of the twenty.
    world.cloud.emulators.pubsub.pushFaults.add({ of: IMAGE_PUSHES, event: 1, kind: "drop" });
    const notification = pushed("web", await world.push("web", TAG), TAG);
    const deliver = async (id: string): Promise<number> => {
      const event = { name: "on-image-push", id };
      return (await postEvent(world, event, deliveryOf(id, notification))).status;
    };

    await world.cloud.emulators.pubsub.idle();
    expect(await readReleases(world, "web")).toEqual([]);

    for (const _ of times(PUBLISHED)) {
      world.publish("gcr", notification);
    }
    const statuses = await Promise.all(times(AT_ONCE).map(async (n) => deliver(`at-once-${n}`)));
    for (const n of times(ONE_BY_ONE)) {
      statuses.push(await deliver(`one-by-one-${n}`));
    }
    await tagArrives(world, "web", { environment: "dev", tag: TAG });
    for (const n of times(LATE)) {
      statuses.push(await deliver(`late-${n}`));
    }
    await world.cloud.emulators.pubsub.idle();

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(statuses.length + PUBLISHED).toBe(20);
    expect(await readReleases(world, "web")).toMatchObject([{ tag: TAG, state: "DEPLOYED" }]);
    expect(await readPromotions(world, "web")).toMatchObject([{ state: "SUCCEEDED" }]);
    const { releases, rollouts } = await readCloudDeploy(world.file, service);
    expect([releases.size, rollouts.size]).toEqual([1, 1]);
    await expectEachRecordOnce();
  });
});

test("an image that was pushed before the look at what was applied is found by that look", async () => {
  const { pubsub } = world.cloud.emulators;
  pubsub.pushFaults.add({ of: WAKE_UPS, event: 1, kind: "drop" });
  const service = await world.apply(smallSpec("early"));
  pubsub.pushFaults.add({ of: IMAGE_PUSHES, event: 1, kind: "drop" });
  await world.push("early", TAG);
  await pubsub.idle();
  expect(await readReleases(world, "early")).toEqual([]);

  world.publish("slipway-work", { kind: "service", service: "early", look: null });
  await tagArrives(world, "early", { environment: "dev", tag: TAG });
  await pubsub.idle();
  expect(await readReleases(world, "early")).toMatchObject([{ tag: TAG, createdBy: "slipway" }]);
  expect((await readCloudDeploy(world.file, service)).rollouts.size).toBe(1);
});
