import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  CREATE_MS,
  createInstance,
  DAY_MS,
  openCloudSql,
  ORDERS,
  PROJECT,
  readOperation,
  type Setting,
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
  test("is created on the clock, and shown as it was given", async () => {
    const [operation] = await setting.instances.insert({
      project: PROJECT,
      body: {
        name: "orders",
        databaseVersion: "POSTGRES_16",
        settings: { tier: TIER, userLabels: { team: "core" } },
      },
    });
    expect(operation).toMatchObject({ operationType: "CREATE", status: "PENDING" });
    await setting.clock.advance(CREATE_MS - 1);
    expect((await setting.instances.get(ORDERS))[0].state).toBe("PENDING_CREATE");
    await setting.clock.advance(1);
    const [instance] = await setting.instances.get(ORDERS);
    expect(instance).toMatchObject({
      state: "RUNNABLE",
      region: "us-central1",
      connectionName: "acme-prod:us-central1:orders",
      instanceType: "CLOUD_SQL_INSTANCE",
      settings: { tier: TIER, userLabels: { team: "core" } },
    });
    expect((await readOperation(setting, operation)).status).toBe("DONE");
  });

  test("is listed in its own project only, and not by filter", async () => {
    await createInstance(setting, "orders");
    await createInstance(setting, "orders-2");
    await createInstance(setting, "orders", { project: "acme-test" });
    expect(await listNames(PROJECT)).toEqual(["orders", "orders-2"]);
    await expect(listNames(PROJECT, "name:orders")).rejects.toMatchObject({ code: 12 });
    expect(await listNames("acme-none")).toEqual([]);
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

  test("with the longest name is taken", async () => {
    await createInstance(setting, "o".repeat(88));
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
