import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  CHANGE_MS,
  CREATE_MS,
  createInstance,
  DAY_MS,
  type IBackupConfiguration,
  openCloudSql,
  ORDERS,
  PROJECT,
  readOperation,
  type Setting,
  WEEKLY,
} from "./cloud-sql-setting.ts";

const TIER = "db-custom-1-3840";

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudSql();
});
afterEach(async () => {
  await setting.close();
});

/** The names of a project's instances that pass a filter. */
async function listNames(project: string, filter = ""): Promise<readonly unknown[]> {
  const [response] = await setting.instances.list({ project, filter });
  return (response.items ?? []).map(({ name }) => name);
}

describe("an instance", () => {
  test("is created on the clock, with the defaults of the service", async () => {
    const [operation] = await setting.instances.insert({
      project: PROJECT,
      body: { name: "orders", databaseVersion: "POSTGRES_16", settings: { tier: TIER } },
    });
    expect(operation).toMatchObject({ operationType: "CREATE", status: "PENDING" });
    await setting.clock.advance(CREATE_MS - 1);
    expect((await setting.instances.get(ORDERS))[0].state).toBe("PENDING_CREATE");
    await setting.clock.advance(1);
    const [instance] = await setting.instances.get(ORDERS);
    expect(instance).toMatchObject({
      kind: "sql#instance",
      state: "RUNNABLE",
      region: "us-central1",
      connectionName: "acme-prod:us-central1:orders",
      instanceType: "CLOUD_SQL_INSTANCE",
      backendType: "SECOND_GEN",
      settings: {
        tier: TIER,
        settingsVersion: { value: "1" },
        backupConfiguration: {
          enabled: { value: false },
          backupRetentionSettings: { retentionUnit: "COUNT", retainedBackups: { value: 7 } },
        },
      },
    });
    expect((await readOperation(setting, operation)).status).toBe("DONE");
  });

  test("is listed in its own project only, by filter", async () => {
    await createInstance(setting, "orders", { settings: { userLabels: { service: "orders" } } });
    await createInstance(setting, "orders-2");
    await createInstance(setting, "orders", { project: "acme-test" });
    expect(await listNames(PROJECT)).toEqual(["orders", "orders-2"]);
    expect(await listNames(PROJECT, "name:orders")).toEqual(["orders"]);
    expect(await listNames(PROJECT, "settings.userLabels.service:orders")).toEqual(["orders"]);
    expect(await listNames("acme-none")).toEqual([]);
  });

  test("is patched field by field, and counts the versions of its settings", async () => {
    await createInstance(setting, "orders", {
      settings: { userLabels: { team: "core" }, backupConfiguration: WEEKLY },
    });
    const retained = { backupRetentionSettings: { retainedBackups: { value: 90 } } };
    await setting.instances.patch({
      ...ORDERS,
      body: { settings: { userLabels: { tier: "1" }, backupConfiguration: retained } },
    });
    await setting.clock.advance(CHANGE_MS);
    const [{ settings }] = await setting.instances.get(ORDERS);
    expect(settings).toMatchObject({
      userLabels: { team: "core", tier: "1" },
      settingsVersion: { value: "2" },
      backupConfiguration: { startTime: "03:00", ...retained },
    });
  });

  test("keeps its version and its place", async () => {
    await createInstance(setting, "orders");
    for (const body of [{ databaseVersion: "POSTGRES_17" as const }, { region: "europe-west1" }]) {
      await expect(setting.instances.patch({ ...ORDERS, body })).rejects.toMatchObject({ code: 3 });
    }
  });

  test("that is protected is not deleted, and one that is not is gone", async () => {
    const protection = { deletionProtectionEnabled: { value: true } };
    await createInstance(setting, "orders", { settings: protection });
    await expect(setting.instances.delete(ORDERS)).rejects.toThrow("The instance is protected");
    await setting.instances.patch({
      ...ORDERS,
      body: { settings: { deletionProtectionEnabled: { value: false } } },
    });
    await setting.clock.advance(CHANGE_MS);
    const [operation] = await setting.instances.delete(ORDERS);
    expect((await setting.instances.get(ORDERS))[0].state).toBe("PENDING_DELETE");
    await setting.clock.advance(CHANGE_MS);
    expect(await listNames(PROJECT)).toEqual([]);
    expect(await readOperation(setting, operation)).toMatchObject({ status: "DONE" });
  });

  test.each<[string, IBackupConfiguration]>([
    ["no backup retained", { backupRetentionSettings: { retainedBackups: { value: 0 } } }],
    ["366 backups retained", { backupRetentionSettings: { retainedBackups: { value: 366 } } }],
    ["logs kept for eight days", { transactionLogRetentionDays: { value: 8 } }],
    ["recovery without backups", { pointInTimeRecoveryEnabled: { value: true } }],
  ])("with %s is refused", async (_what, backupConfiguration) => {
    await expect(
      createInstance(setting, "orders", { settings: { backupConfiguration } }),
    ).rejects.toMatchObject({ code: 3 });
    expect(await listNames(PROJECT)).toEqual([]);
  });

  test.each([
    ["no tier", { name: "orders", settings: {} }],
    ["a name in capitals", { name: "Orders", settings: { tier: TIER } }],
    ["a name too long with its project", { name: "o".repeat(89), settings: { tier: TIER } }],
  ])("with %s is refused", async (_what, body) => {
    await expect(setting.instances.insert({ project: PROJECT, body })).rejects.toMatchObject({
      code: 3,
    });
  });

  test("of 365 backups, 7 days of logs and the longest name is taken", async () => {
    const backupConfiguration = {
      ...WEEKLY,
      backupRetentionSettings: { retainedBackups: { value: 365 } },
    };
    await createInstance(setting, "o".repeat(88), { settings: { backupConfiguration } });
    expect(await listNames(PROJECT)).toEqual(["o".repeat(88)]);
  });
});

describe("operations", () => {
  test("are listed newest first, of one instance or of the project, in pages", async () => {
    await createInstance(setting, "orders");
    await createInstance(setting, "users");
    await setting.runs.insert({ ...ORDERS, body: { description: "x" } });
    const [all] = await setting.operations.list({ project: PROJECT });
    expect(all.items?.map((one) => [one.targetId, one.operationType, one.status])).toEqual([
      ["orders", "BACKUP_VOLUME", "PENDING"],
      ["users", "CREATE", "DONE"],
      ["orders", "CREATE", "DONE"],
    ]);
    const [page] = await setting.operations.list({ ...ORDERS, maxResults: 1 });
    expect(page.items?.map(({ operationType }) => operationType)).toEqual(["BACKUP_VOLUME"]);
    const pageToken = page.nextPageToken ?? "";
    const [rest] = await setting.operations.list({ ...ORDERS, maxResults: 1, pageToken });
    expect(rest.items?.map(({ operationType }) => operationType)).toEqual(["CREATE"]);
  });

  test("are found in their own project only", async () => {
    await createInstance(setting, "orders");
    const [{ name }] = await setting.runs.insert({ ...ORDERS, body: { description: "x" } });
    const operation = name ?? "";
    await expect(setting.operations.get({ project: "acme-test", operation })).rejects.toMatchObject(
      {
        code: 5,
      },
    );
    await setting.clock.advance(DAY_MS);
    expect(await readOperation(setting, { name: operation })).toMatchObject({ status: "DONE" });
  });
});
