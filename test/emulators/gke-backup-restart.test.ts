import fc from "fast-check";
import { expect, test } from "vitest";

import { manualClock } from "../support/manual-clock.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import {
  BACKUP_MS,
  createPlan,
  DAY_MS,
  listIds,
  openGkeBackup,
  OPERATION_MS,
  type OpenOptions,
  PARENT,
  PLAN,
  readOperation,
  type Setting,
  takeBackup,
  writeContent,
} from "./gke-backup-setting.ts";

/** Stops an emulator and starts one with the same data. */
async function restart(setting: Setting, kept: OpenOptions): Promise<Setting> {
  await setting.close();
  return openGkeBackup(kept);
}

test("a backup and its operation that were under way end after a restart", async () => {
  const kept = { clock: manualClock(), persistence: memoryPersistence() };
  let setting = await openGkeBackup(kept);
  await createPlan(setting);
  await writeContent(setting, "api", "v1");
  const reply = await setting.send("POST", `${PLAN}/backups?backupId=one`, {});
  setting = await restart(setting, kept);
  await kept.clock.advance(OPERATION_MS);
  expect(await readOperation(setting, reply)).toMatchObject({ done: true });
  setting = await restart(setting, kept);
  await kept.clock.advance(BACKUP_MS);
  const { json } = await setting.send("GET", `${PLAN}/backups/one`);
  expect(json).toMatchObject({ state: "SUCCEEDED", containsVolumeData: true });
  await setting.close();
});

test("what fell due while the emulator was down has happened when it is back", async () => {
  const kept = { clock: manualClock(), persistence: memoryPersistence() };
  let setting = await openGkeBackup(kept);
  await createPlan(setting, { retentionPolicy: { backupRetainDays: 2 } });
  await takeBackup(setting, "old");
  await kept.clock.advance(DAY_MS);
  await setting.send("POST", `${PLAN}/backups?backupId=new`, {});
  await setting.close();
  await kept.clock.advance(DAY_MS);
  setting = await openGkeBackup(kept);
  expect(await listIds(setting, `${PLAN}/backups`)).toEqual(["new"]);
  expect((await setting.send("GET", `${PLAN}/backups/new`)).json.state).toBe("SUCCEEDED");
  await setting.close();
});

test("a reset forgets everything, also for the next start", async () => {
  const kept = { clock: manualClock(), persistence: memoryPersistence() };
  let setting = await openGkeBackup(kept);
  await createPlan(setting);
  setting.server.reset();
  expect((await setting.send("GET", PLAN)).status).toBe(404);
  setting = await restart(setting, kept);
  expect(await listIds(setting, `${PARENT}/backupPlans`)).toEqual([]);
  await setting.close();
});

test("whenever backups are asked for, a plan never has two under way", async () => {
  const wait = fc.constantFrom(0, 0, 1000, OPERATION_MS, BACKUP_MS / 2, BACKUP_MS, 3_600_000);
  await fc.assert(
    fc.asyncProperty(fc.array(wait, { minLength: 1, maxLength: 12 }), async (waits) => {
      const setting = await openGkeBackup();
      await createPlan(setting);
      const asked: Promise<unknown>[] = [];
      for (const [index, waitMs] of waits.entries()) {
        asked.push(setting.send("POST", `${PLAN}/backups?backupId=b${index}`, {}));
        if (waitMs > 0) {
          await Promise.all(asked);
          await setting.clock.advance(waitMs);
        }
        const creating = await listIds(setting, `${PLAN}/backups?filter=state%3DCREATING`);
        const running = await listIds(setting, `${PLAN}/backups?filter=state%3DIN_PROGRESS`);
        expect(creating.length + running.length).toBeLessThanOrEqual(1);
      }
      await Promise.all(asked);
      await setting.close();
    }),
    { numRuns: 25 },
  );
});
