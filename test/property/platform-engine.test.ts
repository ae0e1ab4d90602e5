import fc from "fast-check";
import { expect, test } from "vitest";
import { performRemovals } from "../../infra/platform/engine/perform.ts";
import { passingReason, PROPAGATION_WAIT_MS_MAX } from "../../infra/platform/engine/patience.ts";
import { keyOf } from "../../infra/platform/resource.ts";
import type { Fields, Json, Resource } from "../../infra/platform/resource.ts";
import { PermanentError, TransientError } from "../../shared/ports/errors.ts";
import { applyOn, memoryCloud, performingOn, planOn } from "../support/platform/memory-cloud.ts";
import { someTable } from "../support/platform/settings.ts";

const table = someTable();

/** Fields that say whose a thing is, or cannot change. */
const STAYING: ReadonlySet<string> = new Set(["labels", "userLabels", "description", "topic"]);

/** An installation that was stopped: whatever is asked after that fails too. */
class Stop extends Error {
  override readonly name = "Stop";
}

test("an installation that is applied again is not written to", async () => {
  const cloud = memoryCloud();
  const { failed, skipped } = await applyOn(cloud, table);
  expect({ failed, skipped }).toEqual({ failed: [], skipped: [] });
  expect([...cloud.world.keys()].toSorted()).toEqual(table.map(keyOf).toSorted());
  const { length } = cloud.writes;
  await applyOn(cloud, table);
  expect(cloud.writes.slice(length)).toEqual([]);
  const { changes } = await planOn(cloud, table);
  expect(changes.filter(({ action }) => action !== "unchanged")).toEqual([]);
});

test("wherever an installation stops, it is complete when it is applied again", async () => {
  const calm = memoryCloud();
  await applyOn(calm, table);
  for (let stop = 1; stop <= calm.writes.length; stop += 1) {
    for (const moment of ["before", "after"] as const) {
      const cloud = memoryCloud();
      let calls = 0;
      cloud.hook = (now): void => {
        calls += now === moment ? 1 : 0;
        if (calls >= stop) {
          throw new Stop("stopped");
        }
      };
      const { failed } = await applyOn(cloud, table);
      expect(failed.length, `${moment} ${stop}`).toBeGreaterThan(0);
      cloud.hook = (): void => undefined;
      const { failed: left } = await applyOn(cloud, table);
      expect(left, `${moment} ${stop}`).toEqual([]);
      expect(cloud.world).toEqual(calm.world);
    }
  }
});

test("failures that pass, wherever they come, change nothing in the end", async () => {
  const calm = memoryCloud();
  await applyOn(calm, table);
  const places = fc.uniqueArray(fc.integer({ min: 1, max: calm.writes.length * 2 }));
  await fc.assert(
    fc.asyncProperty(places, fc.boolean(), async (failures, isAfter) => {
      const cloud = memoryCloud();
      const due = new Set(failures);
      let calls = 0;
      cloud.hook = (moment): void => {
        calls += 1;
        if (due.has(calls) && (moment === "after") === isAfter) {
          throw new TransientError("UNAVAILABLE", "not now", null);
        }
      };
      const { failed } = await applyOn(cloud, table);
      expect(failed).toEqual([]);
      expect(cloud.world).toEqual(calm.world);
    }),
    { numRuns: 30 },
  );
});

test("a wait for what is not seen yet ends after its time, and says why it waits", async () => {
  const cloud = memoryCloud();
  const reasons: string[] = [];
  const unseen = "Service account slipway-run@p.iam.gserviceaccount.com does not exist.";
  cloud.hook = (): void => {
    throw new PermanentError("NOT_FOUND", unseen, null);
  };
  const topic = table.filter(({ kind }) => kind === "topic").slice(0, 1);
  const alone = topic.map((resource) => Object.assign({}, resource, { needs: [] }));
  const { changes } = await planOn(cloud, alone);
  const { performChanges } = await import("../../infra/platform/engine/perform.ts");
  const report = (progress: { readonly kind: string; readonly reason?: string }): void => {
    reasons.push(progress.reason ?? progress.kind);
  };
  const performing = { ...performingOn(cloud, "acme-slipway"), report };
  const { failed } = await performChanges(performing, changes);
  expect(failed).toHaveLength(1);
  expect(reasons).toContain("a new account is not seen everywhere yet");
  expect(cloud.time).toBeLessThanOrEqual(PROPAGATION_WAIT_MS_MAX);
  expect(cloud.time).toBeGreaterThan(PROPAGATION_WAIT_MS_MAX - 60_000);
});

test("a refusal that no wait mends is not waited for", () => {
  expect(passingReason(new PermanentError("PERMISSION_DENIED", "no", null))).toBeNull();
  expect(
    passingReason(new PermanentError("ALREADY_EXISTS", "a@b.gserviceaccount.com", null)),
  ).toBeNull();
  expect(passingReason(new TransientError("ABORTED", "no", null))).toContain("ABORTED");
});

test("what is not begun is what needs what failed, and nothing else", async () => {
  const cloud = memoryCloud();
  const database = table.find(({ kind }) => kind === "database");
  cloud.hook = (_, key): void => {
    if (database !== undefined && key === keyOf(database)) {
      throw new PermanentError("FAILED_PRECONDITION", "no", null);
    }
  };
  const { failed, skipped } = await applyOn(cloud, table);
  expect(failed.map(({ item }) => item.key)).toEqual([
    database === undefined ? "" : keyOf(database),
  ]);
  const missing = table.map(keyOf).filter((key) => !cloud.world.has(key));
  expect(
    [...skipped.map(({ key }) => key), ...failed.map(({ item }) => item.key)].toSorted(),
  ).toEqual(missing.toSorted());
  expect(missing.filter((key) => key.startsWith("topic"))).toEqual([]);
  expect(missing.filter((key) => key.startsWith("function"))).not.toEqual([]);
});

const repairable = table.flatMap((resource) => {
  const broken = spoilt(resource);
  return broken === null ? [] : [{ key: keyOf(resource), broken }];
});

test.each(repairable)("$key is repaired when somebody changes it", async ({ key, broken }) => {
  const cloud = memoryCloud();
  await applyOn(cloud, table);
  const whole = new Map(cloud.world);
  cloud.world.set(key, broken);
  const { changes } = await planOn(cloud, table);
  const found = changes.filter(({ action }) => action !== "unchanged");
  expect(found.map((one) => `${one.action} ${one.key}`)).toEqual([`update ${key}`]);
  await applyOn(cloud, table);
  expect(cloud.world).toEqual(whole);
});

test.each(table.map((resource) => ({ key: keyOf(resource) })))(
  "$key is made again when it is gone",
  async ({ key }) => {
    const cloud = memoryCloud();
    await applyOn(cloud, table);
    const whole = new Map(cloud.world);
    cloud.world.delete(key);
    await applyOn(cloud, table);
    expect(cloud.world).toEqual(whole);
  },
);

/** The resource with one field changed, other than its mark and what cannot change; null when there is none. */
function spoilt({ fields }: Resource): Fields | null {
  const found = Object.entries(fields).find(([name]) => !STAYING.has(name));
  return found === undefined ? null : { ...fields, [found[0]]: spoil(found[1]) };
}

function spoil(value: Json): Json {
  return typeof value === "boolean" ? !value : "changed by hand";
}

test("what is somebody else's is refused and never touched, whatever it is called", async () => {
  for (const kind of ["function", "subscription", "job", "account", "repository"] as const) {
    const taken = table.find((resource) => resource.kind === kind);
    const cloud = memoryCloud();
    const others = {
      labels: { "slipway-installation": "acme-other" },
      description: "Slipway of acme-other: x",
    };
    const key = keyOf({ kind, name: taken?.name ?? "" });
    cloud.world.set(key, others);
    const { changes, obstacles } = await planOn(cloud, table);
    expect(obstacles.map(({ what }) => what)).toEqual([
      `${key} belongs to the installation of acme-other`,
    ]);
    expect(changes.find((change) => change.key === key)?.action).toBe("unchanged");
    cloud.world.set(key, { description: "made by hand" });
    const again = await planOn(cloud, table);
    expect(again.obstacles.map(({ what }) => what)).toEqual([
      `${key} is there already, and Slipway did not make it`,
    ]);
  }
});

test("a topic that Google's services publish to is used as it is when others made it", async () => {
  const cloud = memoryCloud();
  cloud.world.set("topic projects/acme-images/topics/gcr", { labels: { team: "images" } });
  const { obstacles } = await planOn(cloud, table);
  expect(obstacles).toEqual([]);
  await applyOn(cloud, table);
  expect(cloud.world.get("topic projects/acme-images/topics/gcr")).toEqual({
    labels: { team: "images" },
  });
});

test("what a field cannot become is refused before anything is touched", async () => {
  const cloud = memoryCloud();
  await applyOn(cloud, table);
  const key = "subscription projects/acme-slipway/subscriptions/slipway-on-tick-slipway-ticks";
  const found = cloud.world.get(key) ?? {};
  cloud.world.set(key, { ...found, topic: "_deleted-topic_" });
  const { obstacles } = await planOn(cloud, table);
  expect(obstacles[0]?.what).toContain("has topic _deleted-topic_, which cannot be changed");
});

test("what settings name no more is taken away, and nothing of others is", async () => {
  const cloud = memoryCloud();
  await applyOn(cloud, table);
  cloud.world.set("topic projects/acme-slipway/topics/mine", { labels: {} });
  const fewer = someTable({ registries: [] });
  await applyOn(cloud, fewer);
  expect(cloud.world.has("topic projects/acme-slipway/topics/mine")).toBe(true);
  const subscriptions = [...cloud.world.keys()].filter((key) => key.includes("on-image-push-gcr"));
  expect(subscriptions.filter((key) => key.startsWith("subscription"))).toEqual([]);
});

test("removals go from what needs others to what is needed", async () => {
  const cloud = memoryCloud();
  await applyOn(cloud, table);
  const { changes } = await planOn(cloud, table);
  cloud.writes.length = 0;
  const gone = changes.map((change) => ({ ...change, action: "delete" as const }));
  await performRemovals(performingOn(cloud, "acme-slipway"), gone);
  expect(cloud.world.size).toBe(0);
  for (const { key, needs } of changes) {
    for (const need of needs) {
      expect(cloud.writes.indexOf(key)).toBeLessThan(cloud.writes.indexOf(need));
    }
  }
});
