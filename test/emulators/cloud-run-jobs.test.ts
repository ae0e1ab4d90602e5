import type { protos } from "@google-cloud/run";
import type { LROperation } from "google-gax";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { CatalogImage } from "../../emulators/kit/image-catalog.ts";
import {
  condition,
  type IExecution,
  openCloudRun,
  PARENT,
  REPOSITORY,
  type Setting,
  TASK_MS,
} from "./cloud-run-setting.ts";

const JOB = `${PARENT}/jobs/migrate`;

type RunJobRequest = protos.google.cloud.run.v2.IRunJobRequest;
type ExecutionTemplate = protos.google.cloud.run.v2.IExecutionTemplate;
type TaskTemplate = protos.google.cloud.run.v2.ITaskTemplate;
type RunOperation = LROperation<IExecution, IExecution>;

let setting: Setting;
beforeEach(async () => {
  setting = await openCloudRun();
});
afterEach(async () => {
  await setting.close();
});

async function createJob(
  config: Partial<CatalogImage["config"]> = {},
  task: TaskTemplate = {},
  shape: { readonly taskCount?: number; readonly parallelism?: number } = {},
): Promise<void> {
  const image = setting.registry.push("1", "a", config);
  await setting.jobs.createJob({
    parent: PARENT,
    jobId: "migrate",
    job: { template: { ...shape, template: { containers: [{ image }], ...task } } },
  });
}

/** Starts an execution and returns its operation. */
async function startJob(request: RunJobRequest = {}): Promise<RunOperation> {
  const [operation] = await setting.jobs.runJob({ name: JOB, ...request });
  return operation;
}

/** The newest execution of the job. */
async function readExecution(): Promise<IExecution> {
  const [executions] = await setting.executions.listExecutions({ parent: JOB });
  return executions[0] ?? {};
}

describe("an execution", () => {
  test("runs for as long as its image says, counts its tasks and succeeds", async () => {
    await createJob({ labels: { "dev.slipway.emulator.job-seconds": "20" } });
    const operation = await startJob();
    await setting.clock.advance(19_999);
    expect(await readExecution()).toMatchObject({
      job: "migrate",
      taskCount: 1,
      runningCount: 1,
      succeededCount: 0,
      reconciling: true,
      completionTime: null,
    });
    await setting.clock.advance(1);
    const execution = await readExecution();
    expect(execution.name).toMatch(new RegExp(`^${JOB}/executions/migrate-[a-z0-9]{5}$`));
    expect(execution).toMatchObject({ runningCount: 0, succeededCount: 1, failedCount: 0 });
    expect(condition(execution.conditions, "Completed")?.state).toBe("CONDITION_SUCCEEDED");
    const { startTime, completionTime } = execution;
    expect(Number(completionTime?.seconds) - Number(startTime?.seconds)).toBe(20);
    const [response] = await operation.promise();
    expect(response).toMatchObject({ name: execution.name, succeededCount: 1 });
  });

  test("fails when its image says so, after the retries that the job allows", async () => {
    await createJob({ labels: { "dev.slipway.emulator.job": "fail:7" } }, { maxRetries: 2 });
    const operation = await startJob();
    await setting.clock.advance(3 * TASK_MS - 1);
    expect((await readExecution()).runningCount).toBe(1);
    await setting.clock.advance(1);
    await expect(operation.promise()).rejects.toThrow("failed with message: The container exited");
    const execution = await readExecution();
    expect(execution).toMatchObject({ failedCount: 1, succeededCount: 0, retriedCount: 1 });
    expect(condition(execution.conditions, "Completed")).toMatchObject({
      state: "CONDITION_FAILED",
      executionReason: "NON_ZERO_EXIT_CODE",
    });
    const [job] = await setting.jobs.getJob({ name: JOB });
    expect(job).toMatchObject({
      executionCount: 1,
      latestCreatedExecution: { name: execution.name, completionStatus: "EXECUTION_FAILED" },
    });
  });

  test("whose first attempt fails succeeds with a retry, and fails without", async () => {
    await createJob({ labels: { "dev.slipway.emulator.job": "fail-first" } }, { maxRetries: 1 });
    await startJob();
    await setting.clock.advance(2 * TASK_MS);
    expect(await readExecution()).toMatchObject({ succeededCount: 1, retriedCount: 1 });
    const image = `${REPOSITORY}:1`;
    const template = { template: { containers: [{ image }], maxRetries: 0 } };
    await setting.jobs.updateJob({ job: { name: JOB, template } });
    await startJob();
    await setting.clock.advance(TASK_MS);
    expect(await readExecution()).toMatchObject({ failedCount: 1, retriedCount: 0 });
  });

  test("takes its outcome from an override of its environment before the image's", async () => {
    await createJob({ labels: { "dev.slipway.emulator.job": "fail" } });
    const env = [
      { name: "SLIPWAY_EMULATOR_JOB", value: "succeed" },
      { name: "SLIPWAY_EMULATOR_JOB_SECONDS", value: "5" },
    ];
    await startJob({ overrides: { containerOverrides: [{ env, args: ["--up"] }], taskCount: 2 } });
    await setting.clock.advance(5000);
    const execution = await readExecution();
    expect(execution).toMatchObject({ taskCount: 2, succeededCount: 2 });
    expect(execution.template?.containers?.[0]).toMatchObject({ args: ["--up"], env });
  });

  test("that takes longer than its timeout fails at the timeout", async () => {
    await createJob(
      { labels: { "dev.slipway.emulator.job-seconds": "60" } },
      { timeout: { seconds: 30 }, maxRetries: 0 },
    );
    await startJob();
    await setting.clock.advance(29_999);
    expect((await readExecution()).runningCount).toBe(1);
    await setting.clock.advance(1);
    const execution = await readExecution();
    expect(execution.failedCount).toBe(1);
    expect(condition(execution.conditions, "Completed")?.message).toContain("timeout was reached");
  });

  test("runs no more tasks at once than the job allows", async () => {
    await createJob({}, {}, { taskCount: 5, parallelism: 2 });
    await startJob();
    const seen: unknown[] = [];
    for (let step = 0; step < 3; step += 1) {
      const { runningCount, succeededCount } = await readExecution();
      seen.push([runningCount, succeededCount]);
      await setting.clock.advance(TASK_MS);
    }
    expect(seen).toEqual([
      [2, 0],
      [2, 2],
      [1, 4],
    ]);
    expect((await readExecution()).succeededCount).toBe(5);
  });

  test("of an image that is missing fails at once, as the job said before", async () => {
    const template = { template: { containers: [{ image: `${REPOSITORY}:gone` }] } };
    await setting.jobs.createJob({ parent: PARENT, jobId: "migrate", job: { template } });
    const [job] = await setting.jobs.getJob({ name: JOB });
    expect(job.terminalCondition).toMatchObject({
      state: "CONDITION_FAILED",
      reason: "CONTAINER_MISSING",
    });
    const operation = await startJob();
    await expect(operation.promise()).rejects.toMatchObject({ code: 5 });
    const execution = await readExecution();
    expect(condition(execution.conditions, "Completed")?.reason).toBe("CONTAINER_MISSING");
  });

  test("that is cancelled stops where it is, and is cancelled only once", async () => {
    await createJob({}, {}, { taskCount: 3, parallelism: 1 });
    const operation = await startJob();
    await setting.clock.advance(TASK_MS + 1);
    const { name = "" } = await readExecution();
    await setting.executions.cancelExecution({ name });
    await setting.clock.advance(10 * TASK_MS);
    const execution = await readExecution();
    expect(execution).toMatchObject({ succeededCount: 1, cancelledCount: 2, runningCount: 0 });
    expect(condition(execution.conditions, "Completed")).toMatchObject({
      state: "CONDITION_FAILED",
      executionReason: "CANCELLED",
    });
    await expect(operation.promise()).rejects.toMatchObject({ code: 1 });
    await expect(setting.executions.cancelExecution({ name })).rejects.toMatchObject({ code: 9 });
    const [job] = await setting.jobs.getJob({ name: JOB });
    expect(job.latestCreatedExecution?.completionStatus).toBe("EXECUTION_CANCELLED");
  });
});

describe("a job", () => {
  test("is created, found, listed, changed and deleted with its executions", async () => {
    await createJob();
    await startJob();
    const [created] = await setting.jobs.getJob({ name: JOB });
    expect(created).toMatchObject({
      generation: "1",
      observedGeneration: "1",
      terminalCondition: { state: "CONDITION_SUCCEEDED" },
      template: { taskCount: 1, template: { maxRetries: 3, timeout: { seconds: "600" } } },
    });
    await setting.jobs.updateJob({
      job: { name: JOB, template: created.template ?? null, labels: { team: "core" } },
    });
    const [listed] = await setting.jobs.listJobs({ parent: PARENT });
    expect(listed).toMatchObject([{ name: JOB, generation: "2", labels: { team: "core" } }]);
    await setting.jobs.deleteJob({ name: JOB });
    await expect(setting.jobs.getJob({ name: JOB })).rejects.toMatchObject({ code: 5 });
    const [left] = await setting.executions.listExecutions({ parent: `${PARENT}/jobs/-` });
    expect(left).toEqual([]);
  });

  test.each<[string, ExecutionTemplate]>([
    ["no container", { template: {} }],
    ["more than 10 retries", { template: { containers: [{ image: "i" }], maxRetries: 11 } }],
    ["fewer tasks than one", { taskCount: -1, template: { containers: [{ image: "i" }] } }],
  ])("with %s is refused", async (_what, template) => {
    await expect(
      setting.jobs.createJob({ parent: PARENT, jobId: "migrate", job: { template } }),
    ).rejects.toMatchObject({ code: 3 });
  });

  test("whose executions are to start by token is refused by name, since that is not emulated", async () => {
    const job = { startExecutionToken: "abc" };
    await expect(
      setting.jobs.createJob({ parent: PARENT, jobId: "migrate", job }),
    ).rejects.toMatchObject({ code: 12 });
  });

  test("keeps its thousand newest executions", { timeout: 60_000 }, async () => {
    await createJob();
    await startJob();
    const first = await readExecution();
    await setting.clock.advance(TASK_MS);
    for (let run = 1; run <= 1000; run += 1) {
      await startJob();
      await setting.clock.advance(TASK_MS);
    }
    const [executions] = await setting.executions.listExecutions({ parent: JOB });
    expect(executions).toHaveLength(1000);
    expect(executions.map(({ name }) => name)).not.toContain(first.name);
    const [job] = await setting.jobs.getJob({ name: JOB });
    expect(job.executionCount).toBe(1001);
  });
});

test("a change of a job is through when its operation is", async () => {
  const slow = await openCloudRun({ jobMs: 200 });
  const image = slow.registry.push("1", "a");
  const job = { template: { template: { containers: [{ image }] } } };
  const [operation] = await slow.jobs.createJob({ parent: PARENT, jobId: "migrate", job });
  expect(operation.done).toBe(false);
  const [begun] = await slow.jobs.getJob({ name: JOB });
  expect(begun).toMatchObject({
    reconciling: true,
    terminalCondition: { state: "CONDITION_RECONCILING" },
  });
  await slow.clock.advance(199);
  expect((await slow.jobs.checkCreateJobProgress(operation.name ?? "")).done).toBe(false);
  await slow.clock.advance(1);
  expect((await slow.jobs.checkCreateJobProgress(operation.name ?? "")).done).toBe(true);
  const [made] = await slow.jobs.getJob({ name: JOB });
  expect(made).toMatchObject({
    reconciling: false,
    terminalCondition: { state: "CONDITION_SUCCEEDED" },
  });
  await slow.close();
});
