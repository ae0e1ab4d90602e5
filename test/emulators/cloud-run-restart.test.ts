import { expect, test } from "vitest";

import { manualClock } from "../support/manual-clock.ts";
import { memoryPersistence } from "../support/memory-persistence.ts";
import {
  API,
  countVersions,
  createApi,
  createRegistry,
  type OpenOptions,
  openCloudRun,
  PARENT,
  readApi,
  READY_MS,
  readRevisions,
  type Setting,
  TASK_MS,
  template,
} from "./cloud-run-setting.ts";

/** Stops an emulator and starts one with the same data. */
async function restart(setting: Setting, kept: OpenOptions): Promise<Setting> {
  await setting.close();
  return openCloudRun(kept);
}

test("a revision that was starting becomes ready after a restart, and its operation ends", async () => {
  const kept = {
    clock: manualClock(),
    persistence: memoryPersistence(),
    registry: createRegistry(),
  };
  let setting = await openCloudRun(kept);
  await createApi(setting, { template: template(kept.registry.push("1", "a")) });
  const image = kept.registry.push("2", "b");
  const [operation] = await setting.services.updateService({
    service: { name: API, template: template(image) },
  });
  await kept.clock.advance(READY_MS - 1);
  setting = await restart(setting, kept);
  expect((await readApi(setting)).reconciling).toBe(true);
  expect(await countVersions(setting, 2)).toEqual({ "1": 2 });
  await kept.clock.advance(1);
  expect(await readApi(setting)).toMatchObject({ reconciling: false, observedGeneration: "2" });
  expect(await countVersions(setting, 2)).toEqual({ "2": 2 });
  const name = operation.name ?? "";
  const progress = await setting.services.checkUpdateServiceProgress(name);
  expect(progress.done).toBe(true);
  expect(progress.result).toMatchObject({ name: API });
  await setting.close();
});

test("an execution that was running ends after a restart", async () => {
  const kept = {
    clock: manualClock(),
    persistence: memoryPersistence(),
    registry: createRegistry(),
  };
  let setting = await openCloudRun(kept);
  const containers = [{ image: kept.registry.push("1", "a") }];
  const job = { template: { template: { containers } } };
  await setting.jobs.createJob({ parent: PARENT, jobId: "migrate", job });
  const [operation] = await setting.jobs.runJob({ name: `${PARENT}/jobs/migrate` });
  setting = await restart(setting, kept);
  await kept.clock.advance(TASK_MS);
  const progress = await setting.jobs.checkRunJobProgress(operation.name ?? "");
  expect(progress.done).toBe(true);
  expect(progress.result).toMatchObject({ succeededCount: 1 });
  await setting.close();
});

test("what ended while the emulator was down has ended when it is back", async () => {
  const kept = {
    clock: manualClock(),
    persistence: memoryPersistence(),
    registry: createRegistry(),
  };
  let setting = await openCloudRun(kept);
  await setting.services.createService({
    parent: PARENT,
    serviceId: "api",
    service: { template: template(kept.registry.push("1", "a")) },
  });
  await setting.close();
  await kept.clock.advance(10 * READY_MS);
  setting = await openCloudRun(kept);
  expect((await readApi(setting)).terminalCondition?.state).toBe("CONDITION_SUCCEEDED");
  await setting.close();
});

test("a reset forgets everything, also for the next start", async () => {
  const kept = {
    clock: manualClock(),
    persistence: memoryPersistence(),
    registry: createRegistry(),
  };
  let setting = await openCloudRun(kept);
  await createApi(setting, { template: template(kept.registry.push("1", "a")) });
  expect(await readRevisions(setting)).toHaveLength(1);
  setting.server.reset();
  await expect(readApi(setting)).rejects.toMatchObject({ code: 5 });
  setting = await restart(setting, kept);
  await expect(readApi(setting)).rejects.toMatchObject({ code: 5 });
  await setting.close();
});
