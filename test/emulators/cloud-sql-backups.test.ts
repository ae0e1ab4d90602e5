import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  BACKUP_MS,
  CHANGE_MS,
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
  type Transport,
  WEEKLY,
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
      kind: "sql#operation",
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
      kind: "sql#backupRun",
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

  test("go with their instance, of which no final one is taken", async () => {
    const { id = 0 } = await takeBackup(setting, "standard");
    await expect(
      setting.instances.delete({ ...ORDERS, enableFinalBackup: true }),
    ).rejects.toMatchObject({ code: 12 });
    await setting.instances.delete(ORDERS);
    await setting.clock.advance(CHANGE_MS);
    await createInstance(setting, "orders");
    await expect(setting.runs.get({ ...ORDERS, id })).rejects.toMatchObject({ code: 5 });
  });

  test("are refused for an instance of another project, and for a read replica", async () => {
    await expect(
      setting.runs.insert({ project: "acme-test", instance: "orders", body: { location: "us" } }),
    ).rejects.toThrow("The Cloud SQL instance does not exist.");
    await setting.instances.insert({
      project: PROJECT,
      body: { name: "orders-copy", masterInstanceName: "orders" },
    });
    await setting.clock.advance(DAY_MS);
    await expect(
      setting.runs.insert({ project: PROJECT, instance: "orders-copy", body: { location: "us" } }),
    ).rejects.toThrow("This operation isn't valid for this instance.");
    expect(await readContent(setting, { name: "orders-copy" })).toBe("orders-v1");
  });
});

describe("automated backups", () => {
  beforeEach(async () => {
    setting = await openCloudSql();
    await createInstance(setting, "orders", { settings: { backupConfiguration: WEEKLY } });
  });

  test("are taken daily in their window, without a description, and the newest seven are kept", async () => {
    await setting.clock.advance(DAY_MS);
    const [first] = await listRuns(setting);
    expect(first).toMatchObject({ type: "AUTOMATED", status: "SUCCESSFUL", description: "" });
    expect(toMs(first?.windowStartTime)).toBe(Date.parse("2026-11-21T03:00:00Z"));
    const kept = await takeBackup(setting, "on demand");
    await setting.clock.advance(9 * DAY_MS);
    const runs = await listRuns(setting);
    expect(runs.filter(({ type }) => type === "AUTOMATED")).toHaveLength(7);
    expect(runs.map(({ id }) => id)).toContain(kept.id);
    expect(runs.map(({ id }) => id)).not.toContain(first?.id);
  });

  test("wait for an operation that is under way, and are overdue after four hours", async () => {
    await setting.close();
    setting = await openCloudSql({ backupMs: DAY_MS });
    await createInstance(setting, "orders", { settings: { backupConfiguration: WEEKLY } });
    await setting.runs.insert({ ...ORDERS, body: { description: "long" } });
    await setting.clock.advance(Date.parse("2026-11-21T06:59:59Z") - setting.clock.now());
    expect((await listRuns(setting))[0]?.status).toBe("ENQUEUED");
    await setting.clock.advance(1000);
    expect((await listRuns(setting))[0]?.status).toBe("OVERDUE");
    await setting.clock.advance(1.5 * DAY_MS);
    const run = (await listRuns(setting)).find(({ status }) => status === "SUCCESSFUL");
    expect(run).toMatchObject({ status: "SUCCESSFUL", type: "AUTOMATED" });
    expect(toMs(run?.startTime)).toBeGreaterThan(toMs(run?.windowStartTime) + 4 * 3_600_000);
  });

  test("are skipped while the instance is stopped, and end when they are switched off", async () => {
    const body = { settings: { activationPolicy: "NEVER" as const } };
    await setting.instances.patch({ ...ORDERS, body });
    await setting.clock.advance(DAY_MS);
    expect((await listRuns(setting)).map(({ status }) => status)).toEqual(["SKIPPED"]);
    const off = { enabled: { value: false }, pointInTimeRecoveryEnabled: { value: false } };
    await setting.instances.patch({
      ...ORDERS,
      body: { settings: { backupConfiguration: off } },
    });
    await setting.clock.advance(5 * DAY_MS);
    expect(await listRuns(setting)).toHaveLength(1);
  });

  test("have the data of the moment at which they started", async () => {
    await setting.clock.advance(Date.parse("2026-11-21T03:00:30Z") - setting.clock.now());
    await writeContent(setting, { name: "orders" }, "too late");
    await setting.clock.advance(BACKUP_MS);
    const [run] = await listRuns(setting);
    const restoreBackupContext = { backupRunId: run?.id ?? 0, instanceId: "orders" };
    await setting.instances.restoreBackup({ ...ORDERS, body: { restoreBackupContext } });
    await setting.clock.advance(RESTORE_MS);
    expect(await readContent(setting, { name: "orders" })).toBe("orders-v1");
  });
});
