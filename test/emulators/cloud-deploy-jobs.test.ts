import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { jobRunOf, reach } from "./cloud-deploy-reach.ts";
import {
  createPipeline,
  createRollout,
  JOB_MS,
  openCloudDeploy,
  phasesOf,
  read,
  renderedRelease,
  type Setting,
  stateOf,
} from "./cloud-deploy-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

let setting: Setting;

beforeEach(async () => {
  setting = await openCloudDeploy();
});

afterEach(async () => {
  await setting.close();
});

describe("a deploy job that the runtime refuses", () => {
  test("fails its job run, phase and rollout with the cause and message", async () => {
    const name = await reach(setting, "FAILED");
    const reason = "Revision is not ready: the container failed to start";
    expect(await phasesOf(setting, name)).toEqual(["stable: FAILED (deploy FAILED)"]);
    expect(await read(setting, name)).toMatchObject({
      deployFailureCause: "EXECUTION_FAILED",
      failureReason: reason,
    });
    const [run] = await setting.client.getJobRun({ name: await jobRunOf(setting, name) });
    expect(run).toMatchObject({
      state: "FAILED",
      deployJobRun: { failureCause: "EXECUTION_FAILED", failureMessage: reason },
    });
  });

  test("is retried in a new job run, and the rollout is in progress again without its failure", async () => {
    const name = await reach(setting, "FAILED");
    const before = await jobRunOf(setting, name);
    await setting.client.retryJob({ rollout: name, phaseId: "stable", jobId: "deploy" });
    const after = await jobRunOf(setting, name);
    expect(after).not.toBe(before);
    expect(await read(setting, name)).toMatchObject({
      state: "IN_PROGRESS",
      failureReason: "",
      deployEndTime: null,
      deployFailureCause: "FAILURE_CAUSE_UNSPECIFIED",
    });
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, name)).toBe("FAILED");
    const [jobRuns] = await setting.client.listJobRuns({ parent: name, filter: 'jobId="deploy"' });
    expect(jobRuns.map(({ state }) => state)).toEqual(["FAILED", "FAILED"]);
  });
});

describe("cancelling", () => {
  test("keeps the target until it is done", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    await renderedRelease(setting, "r2");
    const name = await createRollout(setting, { release: "r1", target: "dev" });
    await setting.client.cancelRollout({ name });
    const next = await createRollout(setting, { release: "r2", target: "dev" });
    expect(await stateOf(setting, next)).toBe("PENDING");
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, next)).toBe("IN_PROGRESS");
  });

  test("terminates what runs, aborts what has not run and deploys nothing", async () => {
    const name = await reach(setting, "CANCELLING");
    const jobRun = await jobRunOf(setting, name);
    await setting.clock.advance(JOB_MS);
    expect((await setting.client.getJobRun({ name: jobRun }))[0].state).toBe("TERMINATED");
    expect(await phasesOf(setting, name)).toEqual(["stable: ABORTED (deploy ABORTED)"]);
    expect(setting.deploys).toEqual([]);
  });
});
