import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  createInstance,
  DAY_MS,
  listRuns,
  openCloudSql,
  ORDERS,
  PROJECT,
  readContent,
  readOperation,
  RESTORE_MS,
  type Setting,
  takeBackup,
  toMs,
  WEEKLY,
  writeContent,
} from "./cloud-sql-setting.ts";

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudSql();
  await createInstance(setting, "orders", { settings: { backupConfiguration: WEEKLY } });
});
afterEach(async () => {
  await setting.close();
});

/** The state and disk of an instance. */
async function readInstance(instance = "orders"): Promise<readonly unknown[]> {
  const [found] = await setting.instances.get({ project: PROJECT, instance });
  return [found.state, found.settings?.dataDiskSizeGb?.value];
}

async function readWindow(): Promise<readonly number[]> {
  const [window] = await setting.instances.getLatestRecoveryTime(ORDERS);
  return [toMs(window.earliestRecoveryTime), toMs(window.latestRecoveryTime)];
}

describe("a restore", () => {
  test("of an instance's own backup brings back what the backup had, while the instance is down", async () => {
    const { id } = await takeBackup(setting, "before the migration");
    await writeContent(setting, { name: "orders" }, "migrated");
    const body = { restoreBackupContext: { backupRunId: id ?? 0 } };
    const [operation] = await setting.instances.restoreBackup({ ...ORDERS, body });
    expect(operation).toMatchObject({ operationType: "RESTORE_VOLUME", targetId: "orders" });
    await setting.clock.advance(RESTORE_MS - 1);
    expect((await readInstance())[0]).toBe("MAINTENANCE");
    expect(await writeContent(setting, { name: "orders" }, "lost")).toBe(400);
    await setting.clock.advance(1);
    expect((await readInstance())[0]).toBe("RUNNABLE");
    expect(await readContent(setting, { name: "orders" })).toBe("orders-v1");
    expect(await readOperation(setting, operation)).toMatchObject({ status: "DONE", error: null });
  });

  test("into another instance, of another project too, overwrites it and keeps its settings", async () => {
    const staging = { project: "acme-test", name: "orders-staging" };
    await createInstance(setting, "orders-staging", {
      project: "acme-test",
      settings: { dataDiskSizeGb: { value: 50 }, userLabels: { env: "staging" } },
    });
    const { id } = await takeBackup(setting, "for staging");
    await setting.instances.restoreBackup({
      project: "acme-test",
      instance: "orders-staging",
      body: {
        restoreBackupContext: { backupRunId: id ?? 0, instanceId: "orders", project: PROJECT },
      },
    });
    await setting.clock.advance(RESTORE_MS);
    expect(await readContent(setting, staging)).toBe("orders-v1");
    const [found] = await setting.instances.get({
      project: "acme-test",
      instance: "orders-staging",
    });
    expect(found.settings).toMatchObject({
      userLabels: { env: "staging" },
      dataDiskSizeGb: { value: "50" },
    });
  });

  test("that fails leaves the instance as it was", async () => {
    const { id } = await takeBackup(setting, "x");
    await writeContent(setting, { name: "orders" }, "newer");
    setting.server.failNext({ instance: "orders", operation: "RESTORE_VOLUME", message: "no" });
    const body = { restoreBackupContext: { backupRunId: id ?? 0 } };
    const [operation] = await setting.instances.restoreBackup({ ...ORDERS, body });
    await setting.clock.advance(RESTORE_MS);
    expect((await readOperation(setting, operation)).error?.errors).toMatchObject([
      { message: "no" },
    ]);
    expect((await readInstance())[0]).toBe("RUNNABLE");
    expect(await readContent(setting, { name: "orders" })).toBe("newer");
  });

  test.each([
    ["nothing to restore", {}, 3],
    ["a run that does not exist", { restoreBackupContext: { backupRunId: 7 } }, 5],
    [
      "a run of an instance that does not exist",
      { restoreBackupContext: { backupRunId: 7, instanceId: "gone" } },
      5,
    ],
    ["a backup by its name", { backup: `projects/${PROJECT}/backups/b` }, 12],
  ])("of %s is refused", async (_what, body, code) => {
    await expect(
      setting.instances.restoreBackup({
        ...ORDERS,
        body,
      }),
    ).rejects.toMatchObject({ code });
  });

  test("is refused into another major version, and over a running operation", async () => {
    const { id } = await takeBackup(setting, "x");
    const body = { restoreBackupContext: { backupRunId: id ?? 0, instanceId: "orders" } };
    await createInstance(setting, "newer", { version: "POSTGRES_17" });
    await expect(
      setting.instances.restoreBackup({ project: PROJECT, instance: "newer", body }),
    ).rejects.toThrow("a backup of POSTGRES_16 cannot be restored to POSTGRES_17");
    await setting.runs.insert({ ...ORDERS, body: { description: "busy" } });
    await expect(setting.instances.restoreBackup({ ...ORDERS, body })).rejects.toThrow(
      "another operation was already in progress",
    );
    expect(await readContent(setting, { name: "orders" })).toBe("orders-v1");
  });

  test("is refused while the backup is still being taken", async () => {
    await createInstance(setting, "target");
    await setting.runs.insert({ ...ORDERS, body: { description: "x" } });
    const [run] = await listRuns(setting);
    await expect(
      setting.instances.restoreBackup({
        project: PROJECT,
        instance: "target",
        body: { restoreBackupContext: { backupRunId: run?.id ?? 0, instanceId: "orders" } },
      }),
    ).rejects.toThrow("the backup is not successful");
  });
});

describe("the recovery window", () => {
  test("reaches back as far as the transaction logs are kept", async () => {
    const startMs = setting.clock.now();
    await setting.clock.advance(7 * DAY_MS);
    expect(await readWindow()).toEqual([startMs, startMs + 7 * DAY_MS]);
    await setting.clock.advance(1);
    expect(await readWindow()).toEqual([startMs + 1, startMs + 7 * DAY_MS + 1]);
  });

  test("begins anew after a restore, since its logs are gone", async () => {
    const { id } = await takeBackup(setting, "x");
    const body = { restoreBackupContext: { backupRunId: id ?? 0 } };
    await setting.instances.restoreBackup({ ...ORDERS, body });
    await setting.clock.advance(RESTORE_MS);
    expect(await readWindow()).toEqual([setting.clock.now(), setting.clock.now()]);
  });

  test("is there with point-in-time recovery alone", async () => {
    await createInstance(setting, "plain");
    const plain = { project: PROJECT, instance: "plain" };
    await expect(setting.instances.getLatestRecoveryTime(plain)).rejects.toMatchObject({ code: 3 });
  });
});
