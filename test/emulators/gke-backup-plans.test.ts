import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  createPlan,
  listIds,
  openGkeBackup,
  OPERATION_MS,
  PARENT,
  PLAN,
  PLAN_BODY,
  readOperation,
  type Setting,
} from "./gke-backup-setting.ts";

let setting: Setting;
beforeEach(async () => {
  setting = await openGkeBackup();
});
afterEach(async () => {
  await setting.close();
});

describe("a backup plan", () => {
  test("is created by a long-running operation", async () => {
    const path = `${PARENT}/backupPlans?backupPlanId=daily`;
    const reply = await setting.send("POST", path, { ...PLAN_BODY, labels: { team: "core" } });
    expect(reply).toMatchObject({
      status: 200,
      json: {
        metadata: {
          "@type": "type.googleapis.com/google.cloud.gkebackup.v1.OperationMetadata",
          target: PLAN,
          verb: "create",
          apiVersion: "v1",
        },
      },
    });
    expect(reply.json).not.toHaveProperty("done");
    await setting.clock.advance(OPERATION_MS);
    expect(await readOperation(setting, reply)).toMatchObject({
      done: true,
      response: {
        "@type": "type.googleapis.com/google.cloud.gkebackup.v1.BackupPlan",
        name: PLAN,
        state: "READY",
        labels: { team: "core" },
        ...PLAN_BODY,
      },
    });
  });

  test("cannot be created twice, and one that is not there is not found", async () => {
    await createPlan(setting);
    expect(await createPlan(setting)).toMatchObject({
      status: 409,
      json: { error: { status: "ALREADY_EXISTS" } },
    });
    for (const path of [`${PARENT}/backupPlans/gone`, `${PARENT}/backupPlans/gone/backups`]) {
      expect(await setting.send("GET", path)).toMatchObject({
        status: 404,
        json: { error: { status: "NOT_FOUND" } },
      });
    }
  });

  test("lists are filtered, ordered and cut into pages", async () => {
    for (const [id, tier] of [
      ["b", "1"],
      ["a", "2"],
      ["c", "1"],
    ] as const) {
      await createPlan(setting, { labels: { tier } }, id);
    }
    const path = `${PARENT}/backupPlans`;
    expect(await listIds(setting, `${path}?filter=labels.tier%3D1`)).toEqual(["b", "c"]);
    expect(await listIds(setting, `${path}?orderBy=name+desc`)).toEqual(["c", "b", "a"]);
    const { json } = await setting.send("GET", `${path}?pageSize=2&order_by=name`);
    expect(await listIds(setting, `${path}?pageSize=2&orderBy=name`)).toEqual(["a", "b"]);
    const next = `${path}?pageSize=2&orderBy=name&pageToken=${json.nextPageToken ?? ""}`;
    expect(await listIds(setting, next)).toEqual(["c"]);
    expect(await listIds(setting, "projects/acme-prod/locations/-/backupPlans")).toHaveLength(3);
  });

  test.each<[string, object, number]>([
    ["no cluster", { cluster: undefined }, 400],
    ["what is no cluster", { cluster: `${PARENT}/main` }, 400],
    ["no scope", { backupConfig: {} }, 400],
    [
      "two scopes",
      { backupConfig: { allNamespaces: true, selectedNamespaces: { namespaces: ["a"] } } },
      400,
    ],
    ["no namespaces", { backupConfig: { selectedNamespaces: { namespaces: [] } } }, 400],
    ["366 days of retention", { retentionPolicy: { backupRetainDays: 366 } }, 400],
    ["365 days of retention", { retentionPolicy: { backupRetainDays: 365 } }, 200],
    ["a lock", { retentionPolicy: { backupDeleteLockDays: 1 } }, 501],
    ["a plan that takes no backups", { deactivated: true }, 501],
  ])("with %s is answered with its status", async (_what, more, status) => {
    expect((await createPlan(setting, more)).status).toBe(status);
    expect(await listIds(setting, `${PARENT}/backupPlans`)).toHaveLength(status === 200 ? 1 : 0);
  });

  test.each([
    ["Daily", 400],
    ["-daily", 400],
    ["daily-", 400],
    ["d".repeat(64), 400],
    ["d".repeat(63), 200],
    ["d", 200],
  ])("with the id %s is answered with %d", async (id, status) => {
    expect((await createPlan(setting, {}, id)).status).toBe(status);
  });
});

test.each([
  ["an unknown field", "POST", `${PARENT}/backupPlans?backupPlanId=x`, { colour: 1 }, 400],
  ["a wrong type", "POST", `${PARENT}/backupPlans?backupPlanId=x`, { cluster: 1 }, 400],
  ["an unknown parameter", "GET", `${PARENT}/backupPlans?limit=1`, undefined, 400],
  ["a bad filter", "GET", `${PARENT}/backupPlans?filter=%28`, undefined, 400],
  ["a bad page token", "GET", `${PARENT}/backupPlans?pageToken=x`, undefined, 400],
  ["backup channels", "GET", `${PARENT}/backupChannels`, undefined, 501],
  ["restore channels", "POST", `${PARENT}/restoreChannels?restoreChannelId=x`, {}, 501],
  [
    "a schedule",
    "POST",
    `${PARENT}/backupPlans?backupPlanId=x`,
    { ...PLAN_BODY, backupSchedule: { cronSchedule: "0 3 * * *" } },
    501,
  ],
  ["what changes a plan", "PATCH", `${PLAN}?updateMask=description`, {}, 501],
  ["what deletes a plan", "DELETE", PLAN, undefined, 501],
  ["volume backups", "GET", `${PLAN}/backups/one/volumeBackups`, undefined, 501],
  ["access policies", "GET", `${PLAN}:getIamPolicy`, undefined, 501],
])("%s is refused by name", async (_what, method, path, body, status) => {
  const reply = await setting.send(method, path, body);
  expect(reply.status).toBe(status);
  expect(reply.json).toMatchObject({ error: { code: status } });
});
