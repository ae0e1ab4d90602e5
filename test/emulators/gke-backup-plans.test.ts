import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  BACKUP_MS,
  CLUSTER,
  createPlan,
  DAY_MS,
  listIds,
  openGkeBackup,
  OPERATION_MS,
  PARENT,
  PLAN,
  PLAN_BODY,
  readOperation,
  type Setting,
  takeBackup,
} from "./gke-backup-setting.ts";

const NIGHTLY = { backupSchedule: { cronSchedule: "0 3 * * *" } };

let setting: Setting;
beforeEach(async () => {
  setting = await openGkeBackup();
});
afterEach(async () => {
  await setting.close();
});

describe("a backup plan", () => {
  test("is provisioned by a long-running operation", async () => {
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
    expect((await setting.send("GET", PLAN)).json.state).toBe("PROVISIONING");
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

  test("is updated by mask, with its etag", async () => {
    await createPlan(setting, { description: "old", labels: { team: "core" } });
    const { etag } = (await setting.send("GET", PLAN)).json;
    const path = `${PLAN}?updateMask=description,backup_config.includeSecrets`;
    const body = { description: "new", backupConfig: { includeSecrets: true }, labels: {}, etag };
    expect((await setting.send("PATCH", path, body)).status).toBe(200);
    expect((await setting.send("GET", PLAN)).json).toMatchObject({
      description: "new",
      labels: { team: "core" },
      backupConfig: { includeSecrets: true, includeVolumeData: true },
    });
    expect(await setting.send("PATCH", path, body)).toMatchObject({
      status: 409,
      json: { error: { status: "ABORTED" } },
    });
    const moved = { cluster: `${PARENT}/clusters/other` };
    expect(await setting.send("PATCH", `${PLAN}?updateMask=cluster`, moved)).toMatchObject({
      status: 400,
      json: { error: { status: "INVALID_ARGUMENT" } },
    });
  });

  test("is deleted when it has no backups", async () => {
    await createPlan(setting);
    await takeBackup(setting, "one");
    expect((await setting.send("DELETE", PLAN)).status).toBe(400);
    await setting.send("DELETE", `${PLAN}/backups/one`);
    await setting.clock.advance(OPERATION_MS);
    expect((await setting.send("DELETE", `${PLAN}?etag=stale`)).status).toBe(409);
    const reply = await setting.send("DELETE", PLAN);
    await setting.clock.advance(OPERATION_MS);
    expect(await readOperation(setting, reply)).toMatchObject({
      response: { "@type": "type.googleapis.com/google.protobuf.Empty" },
    });
    expect(await listIds(setting, `${PARENT}/backupPlans`)).toEqual([]);
  });

  test("that is deactivated takes no backups, by hand or by schedule, and stays so", async () => {
    await createPlan(setting, NIGHTLY);
    await setting.send("PATCH", `${PLAN}?updateMask=deactivated`, { deactivated: true });
    expect((await setting.send("GET", PLAN)).json.state).toBe("DEACTIVATED");
    expect(await setting.send("POST", `${PLAN}/backups?backupId=one`, {})).toMatchObject({
      status: 400,
      json: { error: { status: "FAILED_PRECONDITION" } },
    });
    await setting.send("PATCH", `${PLAN}?updateMask=deactivated`, { deactivated: false });
    await setting.clock.advance(2 * DAY_MS);
    expect((await setting.send("GET", PLAN)).json.state).toBe("DEACTIVATED");
    expect(await listIds(setting, `${PLAN}/backups`)).toEqual([]);
  });

  test("whose retention is locked keeps it", async () => {
    await createPlan(setting, { retentionPolicy: { backupRetainDays: 14, locked: true } });
    for (const retentionPolicy of [
      { backupRetainDays: 30, locked: true },
      { backupRetainDays: 14 },
    ]) {
      const path = `${PLAN}?updateMask=retentionPolicy`;
      expect((await setting.send("PATCH", path, { retentionPolicy })).status).toBe(400);
    }
    expect((await setting.send("PATCH", PLAN, { description: "fine" })).status).toBe(200);
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

  test.each<[string, object, string]>([
    ["no cluster", { cluster: "" }, "MISSING_REQUIRED_FIELD"],
    [
      "a cluster of another project",
      { cluster: CLUSTER.replace("prod", "test") },
      "UNSUPPORTED_CROSS_PROJECT_RESOURCE",
    ],
    ["no scope", { backupConfig: {} }, "INVALID_BACKUP_SCOPE"],
    [
      "two scopes",
      { backupConfig: { allNamespaces: true, selectedNamespaces: { namespaces: ["a"] } } },
      "INVALID_BACKUP_SCOPE",
    ],
    ["no namespaces", { backupConfig: { selectedNamespaces: {} } }, "EMPTY_SELECTED_NAMESPACES"],
    ["a lock of 91 days", { retentionPolicy: { backupDeleteLockDays: 91 } }, "INVALID_FIELD"],
    ["366 days of retention", { retentionPolicy: { backupRetainDays: 366 } }, "INVALID_FIELD"],
    [
      "a lock longer than the retention",
      { retentionPolicy: { backupDeleteLockDays: 8, backupRetainDays: 7 } },
      "INVALID_FIELD",
    ],
    [
      "a schedule and no retention",
      { ...NIGHTLY, retentionPolicy: {} },
      "MISSING_RETENTION_POLICY",
    ],
    [
      "two schedules",
      { backupSchedule: { cronSchedule: "0 3 * * *", rpoConfig: { targetRpoMinutes: 60 } } },
      "CONFLICTING_BACKUP_PLAN_SCHEDULE_FIELDS",
    ],
    ["a schedule that is none", { backupSchedule: { cronSchedule: "nightly" } }, "INVALID_FIELD"],
    [
      "a schedule every 9 minutes",
      { backupSchedule: { cronSchedule: "*/9 * * * *" } },
      "INVALID_FIELD",
    ],
    [
      "an objective of 59 minutes",
      { backupSchedule: { rpoConfig: { targetRpoMinutes: 59 } } },
      "INVALID_FIELD",
    ],
    [
      "361 daily backups",
      { ...NIGHTLY, retentionPolicy: { backupRetainDays: 361 } },
      "INVALID_FIELD",
    ],
  ])("with %s is refused", async (_what, more, reason) => {
    const reply = await createPlan(setting, more);
    expect(reply).toMatchObject({ status: 400, json: { error: { details: [{ reason }] } } });
    expect(await listIds(setting, `${PARENT}/backupPlans`)).toEqual([]);
  });

  test.each<[string, object]>([
    ["a lock of 90 days", { retentionPolicy: { backupDeleteLockDays: 90, backupRetainDays: 90 } }],
    ["365 days of retention", { retentionPolicy: { backupRetainDays: 365 } }],
    [
      "a schedule every 10 minutes",
      {
        backupSchedule: { cronSchedule: "*/10 * * * *" },
        retentionPolicy: { backupRetainDays: 2 },
      },
    ],
    ["360 daily backups", { ...NIGHTLY, retentionPolicy: { backupRetainDays: 360 } }],
    ["an objective of an hour", { backupSchedule: { rpoConfig: { targetRpoMinutes: 60 } } }],
  ])("with %s is taken", async (_what, more) => {
    expect((await createPlan(setting, more)).status).toBe(200);
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

describe("a schedule", () => {
  test("takes a backup at its time in UTC, and says when the next is", async () => {
    await createPlan(setting, NIGHTLY);
    expect((await setting.send("GET", PLAN)).json).toMatchObject({
      backupSchedule: { nextScheduledBackupTime: "2026-11-21T03:00:00Z" },
    });
    await setting.clock.advance(DAY_MS);
    const [id = ""] = await listIds(setting, `${PLAN}/backups`);
    const { json } = await setting.send("GET", `${PLAN}/backups/${id}`);
    expect(json).toMatchObject({
      state: "SUCCEEDED",
      createTime: "2026-11-21T03:00:00Z",
      retainDays: 14,
    });
    expect(json).not.toHaveProperty("manual");
    expect((await setting.send("GET", PLAN)).json).toMatchObject({
      lastSuccessfulBackupTime: "2026-11-21T03:01:00Z",
      backupSchedule: { nextScheduledBackupTime: "2026-11-22T03:00:00Z" },
    });
  });

  test("passes a time at which a backup is still under way, and rests while it is paused", async () => {
    await createPlan(setting, NIGHTLY);
    await setting.clock.advance(Date.parse("2026-11-21T02:59:30Z") - setting.clock.now());
    await setting.send("POST", `${PLAN}/backups?backupId=by-hand`, {});
    await setting.clock.advance(BACKUP_MS);
    expect(await listIds(setting, `${PLAN}/backups`)).toEqual(["by-hand"]);
    const path = `${PLAN}?updateMask=backupSchedule.paused`;
    await setting.send("PATCH", path, { backupSchedule: { paused: true } });
    await setting.clock.advance(3 * DAY_MS);
    expect(await listIds(setting, `${PLAN}/backups`)).toEqual(["by-hand"]);
    await setting.send("PATCH", path, { backupSchedule: { paused: false } });
    await setting.clock.advance(DAY_MS);
    expect(await listIds(setting, `${PLAN}/backups`)).toHaveLength(2);
  });

  test("by recovery point objective takes one in each interval", async () => {
    await createPlan(setting, { backupSchedule: { rpoConfig: { targetRpoMinutes: 360 } } });
    await setting.clock.advance(DAY_MS);
    expect(await listIds(setting, `${PLAN}/backups`)).toHaveLength(4);
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
  ["access policies", "GET", `${PLAN}:getIamPolicy`, undefined, 501],
])("%s is refused by name", async (_what, method, path, body, status) => {
  const reply = await setting.send(method, path, body);
  expect(reply.status).toBe(status);
  expect(reply.json).toMatchObject({ error: { code: status } });
});
