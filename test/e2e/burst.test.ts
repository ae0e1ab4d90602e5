import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { messagesOf } from "../support/audit-events.ts";
import { readAuditFeed } from "../support/audit-reader.ts";
import type { AuditReader } from "../support/audit-reader.ts";
import { smallSpec } from "../support/local-spec.ts";
import { brokenInLocal } from "../support/local-state.ts";
import {
  allEnd,
  readPromotions,
  readRecords,
  readReleases,
  readService,
  readTags,
  readTimeline,
} from "../support/local-views.ts";
import { openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { until } from "../support/until.ts";

const PUSHES = 30;
const IMAGE_PUSHES = "slipway-on-image-push-gcr";

let world: LocalWorld;
let reader: AuditReader;

beforeAll(async () => {
  world = await openLocalWorld();
  reader = await readAuditFeed(world.file, "burst");
});

afterAll(async () => {
  await reader.close();
  await world.close();
});

async function expectOnlyEverNewer(tags: readonly string[]): Promise<void> {
  const timeline = (await readTimeline(world, "web")).toReversed();
  const places = timeline.map(({ tag }) => tags.indexOf(tag ?? ""));
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(timeline.slice(1).map(({ from }) => from)).toEqual(
    timeline.slice(0, -1).map(({ to }) => to),
  );
}

describe("thirty pushes of different tags within a second", () => {
  test("end with the newest in dev, and pass over what came in between", async () => {
    await world.apply(smallSpec("web"));
    // Some notifications come late or after the one that follows, as Pub/Sub may bring them.
    const { pushFaults: faults } = world.cloud.emulators.pubsub;
    faults.add({ of: IMAGE_PUSHES, event: 2, kind: "delay", delayMs: 700 });
    faults.add({ of: IMAGE_PUSHES, event: 9, kind: "delay", delayMs: 100 });
    faults.add({ of: IMAGE_PUSHES, event: 17, kind: "duplicate" });
    const tags = Array.from({ length: PUSHES }, (_, index) => `v${index + 1}`);
    for (const tag of tags) {
      await world.push("web", tag);
    }

    const newest = tags.at(-1);
    const promotions = await until(
      "every push became a release, and the newest runs",
      async () => ((await readTags(world, "web"))[0] === newest ? readReleases(world, "web") : []),
      (releases) => releases.length === PUSHES,
    ).then(async () => allEnd(world, "web"));

    const states = promotions.map(({ state }) => state);
    expect(promotions).toHaveLength(PUSHES);
    expect(new Set(states)).toEqual(new Set(["SUCCEEDED", "SUPERSEDED"]));
    const { environments } = await readService(world, "web");
    expect(environments[0]).toMatchObject({
      current: { tag: newest },
      promotion: null,
      waiting: [],
    });
    await expectOnlyEverNewer(tags);
  });

  test("show which releases were passed over", async () => {
    const promotions = await readPromotions(world, "web");
    const passed = promotions.filter(({ state }) => state === "SUPERSEDED");
    const releases = await readReleases(world, "web");
    const shown = releases.filter(({ state }) => state === "SUPERSEDED").map(({ id }) => id);
    expect(shown.toSorted()).toEqual(passed.map(({ release }) => release).toSorted());
  });

  test("leave a whole record in which every invariant holds", async () => {
    const { length } = await readRecords(world, "web");
    const messages = await until(
      "the feed has every record",
      async () => Promise.resolve(messagesOf(reader.messages(), "web")),
      (all) => all.length >= length,
    );
    expect(messages).toHaveLength(length);
    expect(await brokenInLocal(world, "web", messages)).toEqual([]);
  });
});
