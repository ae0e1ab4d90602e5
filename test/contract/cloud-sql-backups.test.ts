import { SqlInstancesServiceClient } from "@google-cloud/sql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";

import type { RunningCloudSql } from "../../emulators/cloud-sql/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import type { CloudSqlBackups, CloudSqlSource } from "../../shared/adapters/backup-service.ts";
import { cloudSqlBackups } from "../../shared/adapters/cloud-sql-backups.ts";
import { restEndpointOptions } from "../../shared/adapters/rest-endpoint.ts";
import { instant } from "../../shared/domain/time.ts";
import { anOrder } from "../support/contracts/backups-contract.ts";
import {
  COPY,
  openInstances,
  ORDERS,
  SETTLED_MS,
} from "../support/contracts/cloud-sql-instances.ts";
import { present } from "../support/present.ts";

const INSERT = "google.cloud.sql.v1.SqlBackupRunsService/Insert";
const Operations = z.object({ items: z.array(z.object({ operationType: z.string() })) });
const MARK = "r-0123456789abcdef-0a1b2c-to-prod-0001-b1";

let clock: ManualClock;
let server: RunningCloudSql;
let backups: CloudSqlBackups;
beforeEach(async () => {
  clock = manualClock();
  server = await openInstances(clock);
  backups = cloudSqlBackups({ endpoint: server.url });
});
afterEach(async () => server.close());

describe("a backup of a database", () => {
  test("is described by its mark", async () => {
    const { name } = await backups.take(ORDERS, MARK);
    const answer = await fetch(`${server.url}/v1/${name}`);
    expect(await answer.json()).toMatchObject({
      description: `slipway ${MARK}`,
      type: "ON_DEMAND",
    });
  });

  test.for(["drop-before", "drop-after"] as const)(
    "whose answer is lost (%s) is not taken twice",
    async (kind) => {
      server.faults.add({ method: INSERT, call: 1, kind });
      await backups.take(ORDERS, MARK).catch(() => undefined);
      const taken = await backups.take(ORDERS, MARK);
      await clock.advance(SETTLED_MS);
      const listed = await backups.list(ORDERS, 10);
      expect(listed).toEqual([{ ...taken, ...present(listed[0], "the backup") }]);
      expect(listed[0]).toMatchObject({ name: taken.name, mark: MARK, state: "SUCCEEDED" });
    },
  );

  test("whose answer is lost after it was taken is found at once", async () => {
    server.faults.add({ method: INSERT, call: 1, kind: "drop-after" });
    expect(await backups.take(ORDERS, MARK)).toMatchObject({ mark: MARK });
    expect(server.faults.calls(INSERT)).toBe(1);
  });

  test("that two ask for at once is taken once", async () => {
    const asked = [backups.take(ORDERS, MARK), backups.take(ORDERS, MARK)];
    const answers = await Promise.allSettled(asked);
    await clock.advance(SETTLED_MS);
    expect(await backups.list(ORDERS, 10)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === "rejected");
    for (const answer of refused) {
      expect(answer).toMatchObject({ reason: { name: "TransientError" } });
    }
  });

  test("of an instance whose backups Backup and DR keeps is refused with what to do", async () => {
    const managed = { ...ORDERS, instance: "managed" };
    const settings = { tier: "db-custom-1-3840", backupConfiguration: { backupTier: "ENHANCED" } };
    await fetch(`${server.url}/v1/projects/${ORDERS.project}/instances`, {
      method: "POST",
      body: JSON.stringify({ name: managed.instance, settings }),
      headers: { "content-type": "application/json" },
    });
    await clock.advance(SETTLED_MS);
    await expect(backups.take(managed, MARK)).rejects.toMatchObject({
      name: "PermanentError",
      status: "FAILED_PRECONDITION",
      message: expect.stringContaining("set the instance to standard backups") as unknown,
    });
    expect(await backups.take(ORDERS, MARK)).toMatchObject({ mark: MARK });
  });

  test("that is refused for another reason says that reason", async () => {
    server.faults.add({ method: INSERT, call: 1, kind: "status", status: "PERMISSION_DENIED" });
    await expect(backups.take(ORDERS, MARK)).rejects.toMatchObject({
      status: "PERMISSION_DENIED",
      message: expect.not.stringContaining("Backup and DR") as unknown,
    });
  });

  test("that somebody else took has no mark", async () => {
    await fetch(`${server.url}/v1/projects/${ORDERS.project}/instances/orders/backupRuns`, {
      method: "POST",
      body: JSON.stringify({ description: "before lunch" }),
      headers: { "content-type": "application/json" },
    });
    await clock.advance(SETTLED_MS);
    expect(await backups.list(ORDERS, 10)).toMatchObject([{ mark: null, state: "SUCCEEDED" }]);
  });

  test("waits while any other operation runs on its instance", async () => {
    const { name } = await backups.take(ORDERS, MARK);
    await clock.advance(SETTLED_MS);
    await backups.restore({ source: ORDERS, name }, COPY, anOrder("s1"));
    await expect(backups.take(COPY, MARK)).rejects.toMatchObject({
      name: "TransientError",
      status: "ABORTED",
    });
  });

  test("is looked for on every page", async () => {
    await backups.take(ORDERS, MARK);
    await clock.advance(SETTLED_MS);
    for (let number = 1; number <= 101; number += 1) {
      await backups.take(ORDERS, `other-${number}`);
      await clock.advance(SETTLED_MS);
    }
    expect(await backups.take(ORDERS, MARK)).toMatchObject({ mark: MARK, state: "SUCCEEDED" });
    expect(await backups.list(ORDERS, 150)).toHaveLength(102);
  });
});

describe("a restore of a database", () => {
  test.for(["drop-before", "drop-after"] as const)(
    "whose answer is lost (%s) is not begun twice while it runs",
    async (kind) => {
      const { name } = await backups.take(ORDERS, MARK);
      const backup = { source: ORDERS, name };
      await clock.advance(SETTLED_MS);
      server.faults.add({ method: "RestoreBackup", call: 1, kind });
      await backups.restore(backup, COPY, anOrder("s1")).catch(() => undefined);
      const begun = await backups.restore(backup, COPY, anOrder("s1"));
      expect(await restoresInto(COPY)).toHaveLength(1);
      expect(["PENDING", "RUNNING"]).toContain(begun.state);
    },
  );
});

describe("a restore of a database that has ended", () => {
  const skewMs = 60_000;

  test.each([
    ["since it was ordered is the one", 0, 1],
    ["a minute before it was ordered may still be the one, as clocks differ", skewMs, 1],
    ["longer before it was ordered is another one", skewMs + 1, 2],
  ])("%s", async (_, laterMs, count) => {
    const { name } = await backups.take(ORDERS, MARK);
    await clock.advance(SETTLED_MS);
    const askedAt = clock.now();
    await backups.restore({ source: ORDERS, name }, COPY, anOrder("s1"));
    await clock.advance(SETTLED_MS);
    const since = instant(askedAt + laterMs);
    await backups.restore({ source: ORDERS, name }, COPY, { mark: "s1", since });
    expect(await restoresInto(COPY)).toHaveLength(count);
  });
});

describe("the databases of a project", () => {
  test("are its primary instances, by name", async () => {
    const { project, instance } = ORDERS;
    const client = new SqlInstancesServiceClient(await restEndpointOptions(server.url));
    const common = {
      databaseVersion: "POSTGRES_16",
      settings: { tier: "db-custom-1-3840" },
    } as const;
    await client.insert({
      project,
      body: { ...common, name: "replica", masterInstanceName: instance },
    });
    await clock.advance(SETTLED_MS);
    await client.insert({ project, body: { ...common, name: "accounts" } });
    await clock.advance(SETTLED_MS);
    await client.close();
    expect(await backups.databases(project)).toEqual(["accounts", "orders"]);
  });

  test("of a project without any are none", async () => {
    expect(await backups.databases("web-empty")).toEqual([]);
  });
});

describe("the recovery window", () => {
  test("is what the instance's transaction log covers", async () => {
    await clock.advance(3_600_000);
    const window = present(await backups.recoveryWindow(ORDERS.project, "orders"), "a window");
    expect(window.earliest).toBeLessThan(window.latest);
    expect(window.latest).toBe(clock.now());
  });

  test("is null where no transaction log is kept", async () => {
    expect(await backups.recoveryWindow(COPY.project, COPY.instance)).toBeNull();
  });

  test("of an instance that is not there is refused", async () => {
    const attempt = backups.recoveryWindow(ORDERS.project, "nobody");
    await expect(attempt).rejects.toMatchObject({ name: "PermanentError", status: "NOT_FOUND" });
  });
});

/** The operations of Cloud SQL that restored or restore into an instance. */
async function restoresInto({ project, instance }: CloudSqlSource): Promise<readonly object[]> {
  const answer = await fetch(
    `${server.url}/v1/projects/${project}/operations?instance=${instance}`,
  );
  const { items } = Operations.parse(await answer.json());
  return items.filter(({ operationType }) => operationType === "RESTORE_VOLUME");
}
