import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pushed } from "../support/image-event.ts";
import { smallSpec } from "../support/local-spec.ts";
import { readCloudDeploy } from "../support/local-state.ts";
import {
  allEnd,
  readPromotions,
  readReleases,
  readTags,
  tagArrives,
} from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

const IMAGE_PUSHES = "slipway-on-image-push-gcr";
const NOTIFICATIONS = [
  "slipway-on-deploy-notification-clouddeploy-operations",
  "slipway-on-deploy-notification-clouddeploy-resources",
] as const;

/** More than one deploy sends. */
const NOTIFICATIONS_MAX = 50;

let world: LocalWorld;

beforeAll(async () => {
  world = await openLocalWorld();
  await world.stopTicks();
});

afterAll(async () => {
  await world.close();
});

/** Waits until nothing is on its way to a function, well or badly. */
async function quiet(): Promise<void> {
  await world.cloud.emulators.pubsub.idle();
}

describe("a notification that is lost", () => {
  test("of a finished rollout is made up for by the next tick", async () => {
    const service = await world.apply(smallSpec("web"));
    const { pushFaults: faults } = world.cloud.emulators.pubsub;
    for (const subscription of NOTIFICATIONS) {
      for (let event = 1; event <= NOTIFICATIONS_MAX; event += 1) {
        faults.add({ of: subscription, event, kind: "drop" });
      }
    }
    await world.push("web", "v1");
    await until(
      "the rollout succeeds",
      async () => [...(await readCloudDeploy(world.file, service)).rollouts.values()],
      (rollouts) => rollouts.some(({ state }) => state === "SUCCEEDED"),
    );
    await quiet();
    expect(await readPromotions(world, "web")).toMatchObject([{ state: "RUNNING" }]);
    expect(await readTags(world, "web")).toEqual([null, null]);

    world.publish("slipway-ticks", { kind: "minute" });
    await tagArrives(world, "web", { environment: "dev", tag: "v1" });
    expect(await allEnd(world, "web")).toMatchObject([{ state: "SUCCEEDED" }]);
    faults.clear();
  });

  test("of a push is made up for by the tick of the hour, and not before", async () => {
    await world.apply(smallSpec("missed"));
    await quiet();
    const { pushFaults: faults } = world.cloud.emulators.pubsub;
    faults.add({ of: IMAGE_PUSHES, event: 1, kind: "drop" });
    faults.add({ of: IMAGE_PUSHES, event: 2, kind: "drop" });
    await world.push("missed", "v1");
    await world.push("missed", "v2");
    world.publish("slipway-ticks", { kind: "minute" });
    await quiet();
    expect(await readReleases(world, "missed")).toEqual([]);

    world.publish("slipway-ticks", { kind: "hour" });
    await tagArrives(world, "missed", { environment: "dev", tag: "v2" });
    await quiet();
    const releases = await readReleases(world, "missed");
    expect(releases).toMatchObject([
      { tag: "v2", createdBy: "slipway" },
      { tag: "v1", createdBy: "slipway" },
    ]);

    world.publish("slipway-ticks", { kind: "hour" });
    await quiet();
    expect(await readReleases(world, "missed")).toEqual(releases);
  });

  test("of a push whose message then comes after all changes nothing more", async () => {
    await world.apply(smallSpec("late"));
    await quiet();
    const { pushFaults: faults } = world.cloud.emulators.pubsub;
    faults.add({ of: IMAGE_PUSHES, event: 1, kind: "drop" });
    const digest = await world.push("late", "v1");
    world.publish("slipway-ticks", { kind: "hour" });
    await tagArrives(world, "late", { environment: "dev", tag: "v1" });
    const promotions = await allEnd(world, "late");
    world.publish("gcr", pushed("late", digest, "v1"));
    await quiet();
    expect(await readPromotions(world, "late")).toEqual(promotions);
  });
});
