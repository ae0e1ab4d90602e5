import fc from "fast-check";
import { expect, test } from "vitest";

import { manualClock } from "../support/manual-clock.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import {
  BACKUP_MS,
  createInstance,
  DAY_MS,
  type IOperation,
  listRuns,
  openCloudSql,
  type OpenOptions,
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

/** Stops an emulator and starts one with the same data. */
async function restart(setting: Setting, kept: OpenOptions): Promise<Setting> {
  await setting.close();
  return openCloudSql(kept);
}

test("a backup and a restore that were under way end after a restart", async () => {
  const kept = { clock: manualClock(), persistence: memoryPersistence() };
  let setting = await openCloudSql(kept);
  await createInstance(setting, "orders");
  const [backup] = await setting.runs.insert({ ...ORDERS, body: { description: "x" } });
  await kept.clock.advance(BACKUP_MS - 1);
  setting = await restart(setting, kept);
  expect((await readOperation(setting, backup)).status).toBe("RUNNING");
  await kept.clock.advance(1);
  expect((await readOperation(setting, backup)).status).toBe("DONE");
  const [run] = await listRuns(setting);
  expect(run).toMatchObject({ status: "SUCCESSFUL", description: "x" });
  await writeContent(setting, { name: "orders" }, "newer");
  const body = { restoreBackupContext: { backupRunId: run?.id ?? 0 } };
  const [restore] = await setting.instances.restoreBackup({ ...ORDERS, body });
  setting = await restart(setting, kept);
  await kept.clock.advance(RESTORE_MS);
  expect((await readOperation(setting, restore)).status).toBe("DONE");
  expect(await readContent(setting, { name: "orders" })).toBe("orders-v1");
  await setting.close();
});

test("what fell due while the emulator was down has happened when it is back", async () => {
  const kept = { clock: manualClock(), persistence: memoryPersistence() };
  let setting = await openCloudSql(kept);
  await createInstance(setting, "orders");
  setting.server.failNext({ instance: "orders", operation: "BACKUP_VOLUME", message: "no" });
  await setting.close();
  setting = await openCloudSql(kept);
  await setting.runs.insert({ ...ORDERS, body: { description: "x" } });
  await setting.close();
  await kept.clock.advance(DAY_MS);
  setting = await openCloudSql(kept);
  expect(await listRuns(setting)).toMatchObject([{ status: "FAILED", error: { message: "no" } }]);
  await setting.close();
});

test("a reset forgets everything, also for the next start", async () => {
  const kept = { clock: manualClock(), persistence: memoryPersistence() };
  let setting = await openCloudSql(kept);
  await createInstance(setting, "orders");
  await takeBackup(setting, "x");
  setting.server.reset();
  await expect(setting.instances.get(ORDERS)).rejects.toMatchObject({ code: 5 });
  setting = await restart(setting, kept);
  const [found] = await setting.instances.list({ project: PROJECT });
  expect(found.items).toEqual([]);
  await setting.close();
});

/** The gRPC code of what a client threw. */
function toCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : error;
}

const NAMES = ["orders", "users"] as const;

/** One thing that somebody does, with how long the clock runs afterwards. */
type Step = { readonly act: keyof typeof ACTS; readonly name: string; readonly waitMs: number };

/** What may be asked of an instance at any time; each answer is an operation or a refusal. */
const ACTS = {
  backup: async (setting: Setting, instance: string) =>
    setting.runs.insert({ project: PROJECT, instance, body: { description: "x" } }),
  restore: async (setting: Setting, instance: string) => {
    const runs = await listRuns(setting, instance);
    const done = runs.find(({ status }) => status === "SUCCESSFUL");
    return setting.instances.restoreBackup({
      project: PROJECT,
      instance,
      body: { restoreBackupContext: { backupRunId: done?.id ?? 1 } },
    });
  },
  delete: async (setting: Setting, instance: string) => {
    const [run] = await listRuns(setting, instance);
    return setting.runs.delete({ project: PROJECT, instance, id: run?.id ?? 1 });
  },
} as const;

/** The operations of an instance by the time they began. */
async function listOperations(setting: Setting, instance: string): Promise<readonly IOperation[]> {
  const [found] = await setting.operations.list({ project: PROJECT, instance, maxResults: 1000 });
  return (found.items ?? []).toReversed();
}

test("whatever is asked at once, no instance ever has two operations under way", async () => {
  const step = fc.record<Step>({
    act: fc.constantFrom("backup", "restore", "delete"),
    name: fc.constantFrom(...NAMES),
    waitMs: fc.constantFrom(0, 0, 0, 1000, 5000, BACKUP_MS, DAY_MS),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
      const setting = await openCloudSql();
      for (const name of NAMES) {
        await createInstance(setting, name, { settings: { backupConfiguration: WEEKLY } });
      }
      let asked: Promise<unknown>[] = [];
      for (const { act, name, waitMs } of steps) {
        asked.push(ACTS[act](setting, name));
        if (waitMs > 0) {
          await Promise.allSettled(asked);
          asked = [];
          await setting.clock.advance(waitMs);
        }
      }
      await Promise.allSettled(asked);
      await setting.clock.advance(DAY_MS);
      for (const name of NAMES) {
        const operations = await listOperations(setting, name);
        expect(operations.every(({ status }) => status === "DONE")).toBe(true);
        for (const [index, next] of operations.slice(1).entries()) {
          expect(toMs(next.insertTime)).toBeGreaterThanOrEqual(toMs(operations[index]?.endTime));
        }
      }
      await setting.close();
    }),
    { numRuns: 25 },
  );
});

test("of twenty backups asked for at once one is taken, and nineteen are told to wait", async () => {
  const setting = await openCloudSql();
  await createInstance(setting, "orders");
  const asked = Array.from({ length: 20 }, async (_, index) =>
    setting.runs.insert({ ...ORDERS, body: { description: `number ${index}` } }),
  );
  const results = await Promise.allSettled(asked);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const refused = results.filter((result) => result.status === "rejected");
  expect(refused.map(({ reason }) => toCode(reason))).toEqual(Array.from({ length: 19 }, () => 10));
  await setting.clock.advance(BACKUP_MS);
  expect(await listRuns(setting)).toHaveLength(1);
  await setting.close();
});
