import { v1beta4 } from "@google-cloud/sql";
import { PassThroughClient } from "google-auth-library";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { createInstance, openCloudSql, PROJECT, type Setting } from "./cloud-sql-setting.ts";

const INSTANCES = `/v1/projects/${PROJECT}/instances`;

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudSql();
  await createInstance(setting, "orders");
});
afterEach(async () => {
  await setting.close();
});

/** One plain request. */
async function send(
  path: string,
  method = "GET",
  body?: object,
): Promise<{ readonly status: number; readonly json: unknown }> {
  const response = await fetch(`${setting.server.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return { status: response.status, json: await response.json() };
}

describe("over plain HTTP", () => {
  test("a second operation on an instance is refused with 409 operationInProgress", async () => {
    const first = await send(`${INSTANCES}/orders/backupRuns`, "POST", { description: "one" });
    expect(first).toMatchObject({ status: 200, json: { status: "PENDING" } });
    const second = await send(`${INSTANCES}/orders/backupRuns`, "POST", { description: "two" });
    const message = "Operation failed because another operation was already in progress.";
    expect(second).toEqual({
      status: 409,
      json: {
        error: {
          code: 409,
          message,
          errors: [{ message, domain: "global", reason: "operationInProgress" }],
        },
      },
    });
  });

  test.each([
    ["an instance that is not there", "GET", "/gone", 404, "instanceDoesNotExist"],
    ["a backup run that is not there", "GET", "/orders/backupRuns/7", 404, "backupDoesNotExist"],
    ["an unknown parameter", "GET", "?limit=3", 400, "badRequest"],
    ["a method that is not emulated", "POST", "/orders/failover", 501, "notImplemented"],
  ])("%s is refused with its reason", async (_what, method, path, code, reason) => {
    const { status, json } = await send(`${INSTANCES}${path}`, method, undefined);
    expect(status).toBe(code);
    expect(json).toMatchObject({ error: { code, errors: [{ domain: "global", reason }] } });
  });

  test("an unknown field is refused by name", async () => {
    const { status, json } = await send(`${INSTANCES}/orders/backupRuns`, "POST", { labels: {} });
    expect(status).toBe(400);
    expect(JSON.stringify(json)).toContain('Unknown name \\"labels\\"');
  });

  test("a backup run's id and times have the form of JSON", async () => {
    await send(`${INSTANCES}/orders/backupRuns`, "POST", {});
    const { json } = await send(`${INSTANCES}/orders/backupRuns`);
    expect(json).toMatchObject({
      items: [
        {
          id: String(setting.clock.now()),
          status: "ENQUEUED",
          type: "ON_DEMAND",
          enqueuedTime: "2026-11-20T10:00:10Z",
        },
      ],
    });
  });

  test("a lost answer closes the connection, and the backup was taken", async () => {
    const method = "google.cloud.sql.v1.SqlBackupRunsService/Insert";
    setting.server.faults.add({ method, call: 1, kind: "drop-after" });
    await expect(send(`${INSTANCES}/orders/backupRuns`, "POST", {})).rejects.toThrow(
      "fetch failed",
    );
    const { json } = await send(`${INSTANCES}/orders/backupRuns`);
    expect(json).toMatchObject({ items: [{ status: "ENQUEUED" }] });
  });

  test("a planned refusal has a reason too", async () => {
    const method = "google.cloud.sql.v1.SqlInstancesService/Get";
    setting.server.faults.add({ method, call: 1, kind: "status", status: "UNAVAILABLE" });
    expect(await send(`${INSTANCES}/orders`)).toMatchObject({
      status: 503,
      json: { error: { errors: [{ reason: "backendError" }], status: "UNAVAILABLE" } },
    });
  });
});

test("the older version v1beta4 shows the same instances under its own paths", async () => {
  const client = new v1beta4.SqlInstancesServiceClient({
    apiEndpoint: "127.0.0.1",
    port: setting.server.port,
    projectId: PROJECT,
    fallback: true,
    protocol: "http",
    authClient: new PassThroughClient(),
  });
  const [instance] = await client.get({ project: PROJECT, instance: "orders" });
  expect(instance).toMatchObject({ name: "orders", state: "RUNNABLE" });
  await client.close();
  const path = `/sql/v1beta4/projects/${PROJECT}/instances/orders/backupRuns`;
  expect(await send(path, "POST", { description: "old" })).toMatchObject({ status: 200 });
  const { json } = await send(`${INSTANCES}/orders/backupRuns`);
  expect(json).toMatchObject({ items: [{ description: "old" }] });
});

describe("an instance's data", () => {
  const path = `/emulator/v1/projects/${PROJECT}/instances/orders/content`;

  test("is a text whose versions are counted", async () => {
    const written = await fetch(`${setting.server.url}${path}`, {
      method: "PUT",
      body: "schema 2",
    });
    expect(written.headers.get("x-content-version")).toBe("2");
    const read = await fetch(`${setting.server.url}${path}`);
    expect(await read.text()).toBe("schema 2");
    expect(read.headers.get("x-content-version")).toBe("2");
  });

  test("of up to 65536 characters is taken, and no more", async () => {
    for (const [length, status] of [
      [65_536, 200],
      [65_537, 400],
    ] as const) {
      const body = "x".repeat(length);
      const response = await fetch(`${setting.server.url}${path}`, { method: "PUT", body });
      expect(response.status).toBe(status);
    }
  });
});
