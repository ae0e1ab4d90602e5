import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  BACKUP_MS,
  CHANGE_MS,
  createInstance,
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
  type Transport,
  writeContent,
} from "./cloud-sql-setting.ts";

let setting: Setting;
afterEach(async () => {
  await setting.close();
});

describe.each<Transport>(["REST", "gRPC"])("an on-demand backup, over %s", (transport) => {
  beforeEach(async () => {
    setting = await openCloudSql({ transport });
    await createInstance(setting, "orders");
  });

  test("is enqueued, runs and succeeds on the clock, with the operation that takes it", async () => {
    const body = { description: "pre-deploy api-1-4-2 cid=7d0a2c" };
    const [operation] = await setting.runs.insert({ ...ORDERS, body });
    expect(operation).toMatchObject({
      operationType: "BACKUP_VOLUME",
      status: "PENDING",
      targetId: "orders",
      targetProject: PROJECT,
    });
    const id = operation.backupContext?.backupId ?? 0;
    const seen: unknown[] = [];
    for (const step of [0, BACKUP_MS / 10, BACKUP_MS * 0.9 - 1, 1]) {
      await setting.clock.advance(step);
      const [run] = await setting.runs.get({ ...ORDERS, id });
      seen.push([(await readOperation(setting, operation)).status, run.status]);
    }
    expect(seen).toEqual([
      ["PENDING", "ENQUEUED"],
      ["RUNNING", "RUNNING"],
      ["RUNNING", "RUNNING"],
      ["DONE", "SUCCESSFUL"],
    ]);
    const [run] = await setting.runs.get({ ...ORDERS, id });
    expect(run).toMatchObject({
      type: "ON_DEMAND",
      instance: "orders",
      databaseVersion: "POSTGRES_16",
      location: "us",
      error: null,
      ...body,
    });
    expect(toMs(run.endTime) - toMs(run.enqueuedTime)).toBe(BACKUP_MS);
    expect((await readOperation(setting, operation)).error).toBeNull();
  });

  test("that is told to fail ends the operation with an error and no status of its own", async () => {
    setting.server.failNext({
      instance: "orders",
      operation: "BACKUP_VOLUME",
      message: "disk full",
    });
    const [operation] = await setting.runs.insert({ ...ORDERS, body: { description: "x" } });
    await setting.clock.advance(BACKUP_MS);
    const ended = await readOperation(setting, operation);
    expect(ended).toMatchObject({ status: "DONE", error: { errors: [{ message: "disk full" }] } });
    const [failed] = await listRuns(setting);
    expect(failed).toMatchObject({ status: "FAILED", error: { message: "disk full" } });
    expect(await takeBackup(setting, "again")).toMatchObject({ status: "SUCCESSFUL" });
  });
});

describe("backup runs", () => {
  beforeEach(async () => {
    setting = await openCloudSql();
    await createInstance(setting, "orders");
  });

  test("are listed newest first, in pages, and over all instances of the project", async () => {
    await createInstance(setting, "users");
    await createInstance(setting, "elsewhere", { project: "acme-test" });
    for (const [description, instance] of [
      ["one", "orders"],
      ["two", "users"],
      ["three", "orders"],
    ] as const) {
      await takeBackup(setting, description, instance);
    }
    const all = await listRuns(setting, "-");
    expect(all.map(({ description }) => description)).toEqual(["three", "two", "one"]);
    const [first] = await setting.runs.list({ ...ORDERS, maxResults: 1 });
    expect(first.items?.map(({ description }) => description)).toEqual(["three"]);
    const pageToken = first.nextPageToken ?? "";
    const [second] = await setting.runs.list({ ...ORDERS, maxResults: 1, pageToken });
    expect(second.items?.map(({ description }) => description)).toEqual(["one"]);
    expect(second.nextPageToken).toBe("");
  });

  test("have ids that are unique within their instance and mean nothing in another", async () => {
    await createInstance(setting, "users");
    const run = await takeBackup(setting, "of orders");
    const id = run.id ?? 0;
    await expect(
      setting.runs.get({ project: PROJECT, instance: "users", id }),
    ).rejects.toMatchObject({ code: 5 });
    const again = await takeBackup(setting, "of orders");
    expect(again.id).not.toBe(run.id);
  });

  test("can be deleted, and are gone when the operation is done", async () => {
    const { id = 0 } = await takeBackup(setting, "old");
    const [operation] = await setting.runs.delete({ ...ORDERS, id });
    expect(operation.operationType).toBe("DELETE_BACKUP");
    expect((await listRuns(setting))[0]?.status).toBe("DELETION_PENDING");
    await setting.clock.advance(CHANGE_MS);
    expect(await listRuns(setting)).toEqual([]);
    await expect(setting.runs.get({ ...ORDERS, id })).rejects.toMatchObject({ code: 5 });
  });

  test("are refused for an instance of another project", async () => {
    await expect(
      setting.runs.insert({ project: "acme-test", instance: "orders", body: { location: "us" } }),
    ).rejects.toThrow("The Cloud SQL instance does not exist.");
  });

  test("have the data of the moment at which they were asked for", async () => {
    const [{ backupContext }] = await setting.runs.insert({ ...ORDERS, body: { location: "us" } });
    await writeContent(setting, { name: "orders" }, "while it was taken");
    await setting.clock.advance(BACKUP_MS);
    const restoreBackupContext = { backupRunId: backupContext?.backupId ?? 0 };
    await setting.instances.restoreBackup({ ...ORDERS, body: { restoreBackupContext } });
    await setting.clock.advance(RESTORE_MS);
    expect(await readContent(setting, { name: "orders" })).toBe("orders-v1");
  });
});
