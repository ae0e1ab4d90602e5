import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { RunningGkeBackup } from "../../emulators/gke-backup/server.ts";
import { manualClock } from "../support/manual-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import type { BackupService, GkeSource } from "../../shared/adapters/backup-service.ts";
import { gkeBackups } from "../../shared/adapters/gke-backups.ts";
import { resourceIdOf } from "../../shared/adapters/gke-resource-id.ts";
import { googleBackups } from "../../shared/adapters/google-backups.ts";
import { anOrder } from "../support/contracts/backups-contract.ts";
import { ORDERS } from "../support/contracts/cloud-sql-instances.ts";
import {
  GKE_SETTLED_MS,
  MAIN_PLAN,
  openPlans,
  OTHER_PLAN,
} from "../support/contracts/gke-plans.ts";

const MARK = "r-0123456789abcdef-0a1b2c-to-prod-0001-b1";

let clock: ManualClock;
let server: RunningGkeBackup;
let backups: BackupService<GkeSource>;
beforeEach(async () => {
  clock = manualClock();
  server = await openPlans(clock);
  backups = gkeBackups({ endpoint: server.url });
});
afterEach(async () => server.close());

describe("a backup of a cluster", () => {
  test("has its mark as its id and in its label and description", async () => {
    const { name } = await backups.take(MAIN_PLAN, MARK);
    expect(name).toBe(`${MAIN_PLAN.plan}/backups/${MARK}`);
    const answer = await fetch(`${server.url}/v1/${name}`);
    expect(await answer.json()).toMatchObject({
      description: `slipway ${MARK}`,
      labels: { slipway: MARK },
      manual: true,
    });
  });

  test.for(["drop-before", "drop-after"] as const)(
    "whose answer is lost (%s) is not taken twice",
    async (kind) => {
      server.faults.add({ method: "CreateBackup", call: 1, kind });
      await backups.take(MAIN_PLAN, MARK).catch(() => undefined);
      const taken = await backups.take(MAIN_PLAN, MARK);
      await clock.advance(GKE_SETTLED_MS);
      const listed = await backups.list(MAIN_PLAN, 10);
      expect(listed).toMatchObject([{ name: taken.name, mark: MARK, state: "SUCCEEDED" }]);
    },
  );

  test("that two ask for at once is taken once", async () => {
    const asked = [backups.take(MAIN_PLAN, MARK), backups.take(MAIN_PLAN, MARK)];
    const [one, other] = await Promise.all(asked);
    expect(one?.name).toBe(other?.name);
    expect(await backups.list(MAIN_PLAN, 10)).toHaveLength(1);
  });

  test("while it is being removed is gone already", async () => {
    const { name } = await backups.take(MAIN_PLAN, MARK);
    await clock.advance(GKE_SETTLED_MS);
    await backups.remove(MAIN_PLAN, name);
    await backups.remove(MAIN_PLAN, name);
    expect(await backups.observe(MAIN_PLAN, name)).toBeNull();
    expect(await backups.list(MAIN_PLAN, 10)).toEqual([]);
  });

  test("that runs cannot be removed", async () => {
    const { name } = await backups.take(MAIN_PLAN, MARK);
    const attempt = backups.remove(MAIN_PLAN, name);
    await expect(attempt).rejects.toMatchObject({
      name: "PermanentError",
      status: "FAILED_PRECONDITION",
    });
  });
});

describe("a restore of a cluster", () => {
  test("without a restore plan for it is refused", async () => {
    const { name } = await backups.take(OTHER_PLAN, MARK);
    await clock.advance(GKE_SETTLED_MS);
    const attempt = backups.restore({ source: OTHER_PLAN, name }, MAIN_PLAN, anOrder("s1"));
    await expect(attempt).rejects.toMatchObject({
      name: "PermanentError",
      status: "FAILED_PRECONDITION",
    });
    await expect(attempt).rejects.toThrow(OTHER_PLAN.plan);
  });

  test("into a cluster where another one runs is refused for now", async () => {
    const { name } = await backups.take(MAIN_PLAN, MARK);
    await clock.advance(GKE_SETTLED_MS);
    const backup = { source: MAIN_PLAN, name };
    await backups.restore(backup, MAIN_PLAN, anOrder("s1"));
    await expect(backups.restore(backup, MAIN_PLAN, anOrder("s2"))).rejects.toMatchObject({
      name: "TransientError",
      status: "ABORTED",
    });
  });

  test("into a database is refused", async () => {
    const { name } = await backups.take(MAIN_PLAN, MARK);
    const both = googleBackups({ cloudSql: null, gkeBackup: server.url });
    const attempt = both.restore({ source: MAIN_PLAN, name }, ORDERS, anOrder("s1"));
    await expect(attempt).rejects.toMatchObject({
      name: "PermanentError",
      status: "INVALID_ARGUMENT",
    });
  });
});

describe("the id of a mark", () => {
  test.for([
    ["r-01-to-prod-0001-b1", /^r-01-to-prod-0001-b1$/],
    ["R-01-to-prod", /^r-01-to-prod-[0-9a-f]{8}$/],
    ["1_b", /^b-1-b-[0-9a-f]{8}$/],
    ["r-", /^r-[0-9a-f]{8}$/],
    [`r${"x".repeat(62)}`, /^rx{62}$/],
    [`r${"x".repeat(63)}`, /^rx{53}-[0-9a-f]{8}$/],
  ] as const)("%s is what the rule of ids allows", ([mark, expected]) => {
    expect(resourceIdOf(mark)).toMatch(expected);
    expect(resourceIdOf(mark)).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });

  test("is another for another mark, however alike", () => {
    const marks = ["r-1", "R-1", "r_1", "r-1-", `r${"x".repeat(63)}`, `r${"x".repeat(64)}`];
    expect(new Set(marks.map(resourceIdOf)).size).toBe(marks.length);
  });
});
