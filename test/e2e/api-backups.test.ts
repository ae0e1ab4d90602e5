import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BackupList } from "../../shared/wire/api/recovery.ts";
import type { ApiWorld } from "../support/api-world.ts";
import { finish, ORDERS, PROD, releaseOf, startRecovery, WEB } from "./api-recovery-setting.ts";
import { aPolicy, anEnvironment } from "../support/builders.ts";
import { install } from "../support/storm.ts";

const ORDERS_NAME = "Cloud SQL web-prod-0a1b/orders";
const COPY_NAME = "Cloud SQL web-dev-0a1b/orders-dev";
const BACKUP = `${releaseOf(2)}-to-prod-0002-b1`;
const WHY = "rows are gone";

let api: ApiWorld;
beforeEach(async () => {
  api = await startRecovery();
});
afterEach(async () => {
  await api.close();
});

describe("the backups of an environment", () => {
  test("are ours with the release that ran, then those of Cloud SQL, then its window", async () => {
    const { clock, world } = api.memory;
    const now = clock.now();
    world.backups.backups.push({
      name: "projects/web-prod-0a1b/instances/orders/backupRuns/7",
      source: ORDERS,
      mark: null,
      content: null,
      startedAt: now,
      state: "SUCCEEDED",
      finishedAt: now,
      message: null,
    });
    world.backups.recovery.set(ORDERS_NAME, { earliest: now, latest: now });
    const { status, body } = await api.call("viewer", `GET ${PROD}/backups`);
    expect(status).toBe(200);
    const time = new Date(now).toISOString();
    expect(body).toMatchObject({
      backups: [
        {
          id: BACKUP,
          origin: "slipway",
          source: ORDERS_NAME,
          state: "SUCCEEDED",
          release: releaseOf(1),
          promotion: `${releaseOf(2)}-to-prod-0002`,
        },
        { id: `${releaseOf(1)}-to-prod-0001-b1`, origin: "slipway", release: null },
        { id: null, origin: "cloud-sql", source: ORDERS_NAME, endTime: time },
      ],
      recovery: [{ source: ORDERS_NAME, earliest: time, latest: time }],
      unreadable: [],
      nextPageToken: "",
    });
  });

  test("come in pages, with what others took on the first alone", async () => {
    const first = await api.call("viewer", `GET ${PROD}/backups?pageSize=1`);
    const page = BackupList.parse(first.body);
    expect(page.backups.map(({ id }) => id)).toEqual([BACKUP]);
    const token = encodeURIComponent(page.nextPageToken);
    const second = await api.call("viewer", `GET ${PROD}/backups?pageSize=1&pageToken=${token}`);
    const ids = BackupList.parse(second.body).backups.map(({ id }) => id);
    expect(ids).toEqual([`${releaseOf(1)}-to-prod-0001-b1`]);
  });

  test("are shown as far as they can be read, and what cannot is said", async () => {
    api.memory.calls.outages.set("backups.list", "transient");
    const { status, body } = await api.call("viewer", `GET ${PROD}/backups`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      backups: [{ id: BACKUP }, {}],
      unreadable: [{ source: ORDERS_NAME }],
    });
  });

  test("of another environment are not among them", async () => {
    const { body } = await api.call("viewer", "GET /v1/services/web/environments/dev/backups");
    expect(body).toMatchObject({ backups: [] });
  });

  test("are shown with the promotion that took them", async () => {
    const { body } = await api.call("viewer", `GET /v1/promotions/${releaseOf(2)}-to-prod-0002`);
    expect(body).toMatchObject({
      backups: [{ id: BACKUP, source: ORDERS_NAME, state: "SUCCEEDED" }],
      approvals: [],
      restores: [],
    });
  });
});

describe("a restore", () => {
  test("brings the data back, after a fresh backup, and says what it loses", async () => {
    api.memory.world.backups.contents.set(ORDERS_NAME, "rows are gone");
    api.memory.clock.advance(60_000);
    const body = { backup: BACKUP, reason: WHY };
    const { status, body: made } = await api.call("oncall", `POST ${PROD}:restore`, body);
    expect(status).toBe(202);
    expect(made).toMatchObject({
      kind: "restore",
      environment: "prod",
      restores: [{ backup: BACKUP, from: ORDERS_NAME, into: ORDERS_NAME }],
      dataLoss: { seconds: expect.any(Number) as unknown },
    });
    await finish(api);
    const { backups } = api.memory.world;
    expect(backups.contents.get(ORDERS_NAME)).toBe("data before v2");
    expect(backups.backups.at(-1)).toMatchObject({ content: "rows are gone" });
  });

  test("is tried out without being begun", async () => {
    const body = { backup: BACKUP, reason: WHY, validateOnly: true };
    const { status, body: tried } = await api.call("oncall", `POST ${PROD}:restore`, body);
    expect(status).toBe(200);
    expect(tried).toMatchObject({ kind: "restore", restores: [{ backup: BACKUP }] });
    await finish(api);
    expect(api.memory.world.backups.restores).toEqual([]);
  });

  test("goes into an environment for tests, for who may promote there", async () => {
    const body = { backup: BACKUP, into: "dev", reason: "reproduce" };
    const { status, body: made } = await api.call("deployer", `POST ${PROD}:restore`, body);
    expect(status).toBe(202);
    expect(made).toMatchObject({
      environment: "dev",
      restores: [{ from: ORDERS_NAME, into: COPY_NAME }],
    });
    await finish(api);
    expect(api.memory.world.backups.contents.get(COPY_NAME)).toBe("data before v2");
  });

  test("takes all the backups of a promotion at its word", async () => {
    const body = { backup: `${releaseOf(2)}-to-prod-0002`, reason: WHY, validateOnly: true };
    const { body: tried } = await api.call("oncall", `POST ${PROD}:restore`, body);
    expect(tried).toMatchObject({ restores: [{ backup: BACKUP }] });
  });

  test.each([
    ["into production by who may only promote", "deployer", { backup: BACKUP }, 403],
    ["into production by a viewer", "viewer", { backup: BACKUP }, 403],
    ["into a test environment by a viewer", "viewer", { backup: BACKUP, into: "dev" }, 403],
    ["of a backup that there is not", "oncall", { backup: "b-none" }, 404],
    ["into an environment that there is not", "oncall", { backup: BACKUP, into: "moon" }, 404],
    ["of nothing", "oncall", {}, 400],
  ] as const)("%s is refused", async (_, who, body, code) => {
    const line = `POST ${PROD}:restore`;
    const { status } = await api.call(who, line, { ...body, reason: WHY });
    expect(status).toBe(code);
    expect(api.memory.world.backups.restores).toEqual([]);
  });

  test("by an approver of production is taken", async () => {
    const body = { backup: BACKUP, reason: WHY };
    expect((await api.call("approver", `POST ${PROD}:restore`, body)).status).toBe(202);
  });

  test("into another environment that is not for tests is refused, whoever asks", async () => {
    const staging = anEnvironment("staging", { stage: 2, category: "internal", policy: aPolicy() });
    const environments = [...WEB.environments, staging];
    await install(api.memory.ports, { ...WEB, environments, fingerprint: "second" });
    const body = { backup: BACKUP, into: "staging", reason: WHY };
    const { status, body: answer } = await api.call("oncall", `POST ${PROD}:restore`, body);
    expect(status).toBe(400);
    expect(JSON.stringify(answer)).toContain("category test");
  });

  test("into an environment with other databases is refused with their names", async () => {
    api.memory.world.backups.databases.set("web-dev-0a1b", ["orders-dev", "users-dev"]);
    const body = { backup: BACKUP, into: "dev", reason: WHY };
    const { status, body: answer } = await api.call("deployer", `POST ${PROD}:restore`, body);
    expect(status).toBe(400);
    expect(JSON.stringify(answer)).toMatch(/orders, .*orders-dev, users-dev/);
  });

  test("of a backup that is no longer kept is refused", async () => {
    api.memory.world.backups.backups.splice(0);
    const body = { backup: BACKUP, reason: WHY };
    expect((await api.call("oncall", `POST ${PROD}:restore`, body)).status).toBe(409);
  });
});
