import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  CLUSTER,
  createPlan,
  listIds,
  openGkeBackup,
  OPERATION_MS,
  PARENT,
  PLAN,
  readContent,
  readOperation,
  type Reply,
  RESTORE_MS,
  RESTORE_PLAN,
  type Setting,
  takeBackup,
  writeContent,
} from "./gke-backup-setting.ts";

const BACKUP = `${PLAN}/backups/one`;
const RESTORE = `${RESTORE_PLAN}/restores/r1`;
const STAGING = `${PARENT}/clusters/staging`;

const CONFIG = {
  allNamespaces: true,
  namespacedResourceRestoreMode: "DELETE_AND_RESTORE",
  volumeDataRestorePolicy: "RESTORE_VOLUME_DATA_FROM_BACKUP",
};

let setting: Setting;
beforeEach(async () => {
  setting = await openGkeBackup();
  await createPlan(setting, { backupConfig: { allNamespaces: true, includeVolumeData: true } });
  await writeContent(setting, "api", "api-v1");
  await writeContent(setting, "web", "web-v1");
  await takeBackup(setting, "one");
  await writeContent(setting, "api", "api-v2");
});
afterEach(async () => {
  await setting.close();
});

/** Creates the restore plan. */
async function createRestorePlan(config: object = {}, more: object = {}): Promise<Reply> {
  const restoreConfig = { ...CONFIG, ...config };
  const body = { backupPlan: PLAN, cluster: CLUSTER, restoreConfig, ...more };
  const reply = await setting.send("POST", `${PARENT}/restorePlans?restorePlanId=back`, body);
  await setting.clock.advance(OPERATION_MS);
  return reply;
}

/** Asks for a restore of the backup. */
async function createRestore(id = "r1", more: object = {}): Promise<Reply> {
  const path = `${RESTORE_PLAN}/restores?restoreId=${id}`;
  return setting.send("POST", path, { backup: BACKUP, ...more });
}

describe("a restore", () => {
  test("brings back what the backup had, when its state says so", async () => {
    await createRestorePlan();
    const reply = await createRestore("r1", { labels: { promotion: "p1" } });
    await setting.clock.advance(OPERATION_MS);
    expect(await readOperation(setting, reply)).toMatchObject({
      done: true,
      response: { name: RESTORE, state: "IN_PROGRESS", cluster: CLUSTER, backup: BACKUP },
    });
    await setting.clock.advance(RESTORE_MS - OPERATION_MS - 1);
    expect((await setting.send("GET", RESTORE)).json.state).toBe("IN_PROGRESS");
    await setting.clock.advance(1);
    expect(await readContent(setting, "api")).toBe("api-v1");
    expect((await setting.send("GET", RESTORE)).json).toMatchObject({
      state: "SUCCEEDED",
      labels: { promotion: "p1" },
      restoreConfig: CONFIG,
    });
  });

  test("into another cluster leaves the first alone", async () => {
    await createRestorePlan({}, { cluster: STAGING });
    await createRestore();
    await setting.clock.advance(RESTORE_MS);
    expect(await readContent(setting, "api", STAGING)).toBe("api-v1");
    expect(await readContent(setting, "api")).toBe("api-v2");
  });

  test.each<[string, object, string, string | null]>([
    [
      "one namespace",
      { allNamespaces: undefined, selectedNamespaces: { namespaces: ["web"] } },
      "api-v2",
      "web-v1",
    ],
  ])("of %s does just that", async (_what, config, api, web) => {
    await createRestorePlan(config, { cluster: STAGING });
    await writeContent(setting, "api", "api-v2", STAGING);
    await createRestore();
    await setting.clock.advance(RESTORE_MS);
    expect((await setting.send("GET", RESTORE)).json.state).toBe("SUCCEEDED");
    expect(await readContent(setting, "api", STAGING)).toBe(api);
    expect(await readContent(setting, "web", STAGING)).toBe(web);
  });

  test("that is told to fail changes nothing", async () => {
    await createRestorePlan();
    setting.server.failNext({ plan: RESTORE_PLAN, message: "agent is gone" });
    await createRestore();
    await setting.clock.advance(RESTORE_MS);
    expect((await setting.send("GET", RESTORE)).json).toMatchObject({
      state: "FAILED",
      stateReason: "agent is gone",
    });
    expect(await readContent(setting, "api")).toBe("api-v2");
  });

  test("is refused over one that is under way in the same cluster", async () => {
    await createRestorePlan();
    await createRestore();
    expect(await createRestore("r2")).toMatchObject({
      status: 400,
      json: { error: { status: "FAILED_PRECONDITION" } },
    });
    await setting.clock.advance(RESTORE_MS);
    expect((await createRestore("r1")).status).toBe(409);
    expect((await createRestore("r2")).status).toBe(200);
  });

  test.each([
    ["no backup", { backup: "" }, 400],
    ["a backup of another plan", { backup: `${PARENT}/backupPlans/other/backups/one` }, 400],
    ["a backup that is not there", { backup: `${PLAN}/backups/gone` }, 404],
    ["what passes a filter", { filter: { inclusionFilters: [{ namespace: "api" }] } }, 501],
  ])("of %s is refused", async (_what, more, status) => {
    await createRestorePlan();
    expect((await createRestore("r1", more)).status).toBe(status);
    expect(await listIds(setting, `${RESTORE_PLAN}/restores`)).toEqual([]);
  });

  test("is refused of a backup that failed or has not ended", async () => {
    await createRestorePlan();
    setting.server.failNext({ plan: PLAN, message: "no" });
    await takeBackup(setting, "failed");
    await setting.send("POST", `${PLAN}/backups?backupId=running`, {});
    for (const id of ["failed", "running"]) {
      expect((await createRestore("r1", { backup: `${PLAN}/backups/${id}` })).status).toBe(400);
    }
  });
});

describe("a restore plan", () => {
  test("is read and listed", async () => {
    await createRestorePlan();
    expect((await setting.send("GET", RESTORE_PLAN)).json).toMatchObject({
      state: "READY",
      backupPlan: PLAN,
      cluster: CLUSTER,
    });
    expect(await listIds(setting, `${PARENT}/restorePlans`)).toEqual(["back"]);
  });

  test.each<[string, object, object, number]>([
    ["a backup plan that is not there", {}, { backupPlan: `${PARENT}/backupPlans/gone` }, 404],
    ["no mode", { namespacedResourceRestoreMode: undefined }, {}, 400],
    ["another mode", { namespacedResourceRestoreMode: "MERGE_REPLACE_ON_CONFLICT" }, {}, 501],
    ["no volumes", { volumeDataRestorePolicy: "NO_VOLUME_DATA_RESTORATION" }, {}, 501],
    ["no scope", { allNamespaces: undefined }, {}, 400],
    ["two scopes", { selectedNamespaces: { namespaces: ["web"] } }, {}, 400],
    ["no namespaces, which is not emulated", { noNamespaces: true }, {}, 501],
    ["transformations, which are not emulated", { transformationRules: [] }, {}, 501],
  ])("with %s is refused", async (_what, config, more, status) => {
    expect((await createRestorePlan(config, more)).status).toBe(status);
    expect(await listIds(setting, `${PARENT}/restorePlans`)).toEqual([]);
  });
});
