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
  statusOf,
} from "./cloud-deploy-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

let setting: Setting;

beforeEach(async () => {
  setting = await openCloudDeploy();
});

afterEach(async () => {
  await setting.close();
});

const REFUSED = "FAILED_PRECONDITION";

describe("jobs", () => {
  test("run in the order predeploy, deploy, verify, postdeploy", async () => {
    const strategy = {
      standard: {
        verify: true,
        predeploy: { actions: ["migrate"] },
        postdeploy: { actions: ["announce"] },
      },
    };
    await createPipeline(setting, [{ targetId: "dev", strategy }]);
    await renderedRelease(setting, "r1");
    const name = await createRollout(setting, { release: "r1", target: "dev" });
    const seen: (readonly string[])[] = [];
    for (let round = 0; round < 4; round += 1) {
      seen.push(await phasesOf(setting, name));
      await setting.clock.advance(JOB_MS);
    }
    seen.push(await phasesOf(setting, name));
    expect(seen).toEqual([
      [
        "stable: IN_PROGRESS (predeploy IN_PROGRESS, deploy PENDING, verify PENDING, postdeploy PENDING)",
      ],
      [
        "stable: IN_PROGRESS (predeploy SUCCEEDED, deploy IN_PROGRESS, verify PENDING, postdeploy PENDING)",
      ],
      [
        "stable: IN_PROGRESS (predeploy SUCCEEDED, deploy SUCCEEDED, verify IN_PROGRESS, postdeploy PENDING)",
      ],
      [
        "stable: IN_PROGRESS (predeploy SUCCEEDED, deploy SUCCEEDED, verify SUCCEEDED, postdeploy IN_PROGRESS)",
      ],
      [
        "stable: SUCCEEDED (predeploy SUCCEEDED, deploy SUCCEEDED, verify SUCCEEDED, postdeploy SUCCEEDED)",
      ],
    ]);
    const [jobRuns] = await setting.client.listJobRuns({ parent: name });
    expect(jobRuns.map((run) => `${String(run.jobId)} ${String(run.state)}`)).toEqual([
      "predeploy SUCCEEDED",
      "deploy SUCCEEDED",
      "verify SUCCEEDED",
      "postdeploy SUCCEEDED",
    ]);
  });

  test("fail their job run, phase and rollout with the cause and message", async () => {
    const name = await reach(setting, "FAILED");
    expect(await phasesOf(setting, name)).toEqual([
      "stable: FAILED (deploy SUCCEEDED, verify FAILED)",
    ]);
    expect(await read(setting, name)).toMatchObject({
      deployFailureCause: "EXECUTION_FAILED",
      failureReason: "smoke is red",
    });
    const [run] = await setting.client.getJobRun({
      name: await jobRunOf(setting, name, "verifyJob"),
    });
    expect(run).toMatchObject({
      state: "FAILED",
      verifyJobRun: { failureCause: "EXECUTION_FAILED", failureMessage: "smoke is red" },
    });
  });

  test("are retried in a new job run, and the rollout is in progress again without its failure", async () => {
    const name = await reach(setting, "FAILED");
    const before = await jobRunOf(setting, name, "verifyJob");
    await setting.client.retryJob({ rollout: name, phaseId: "stable", jobId: "verify" });
    const after = await jobRunOf(setting, name, "verifyJob");
    expect(after).not.toBe(before);
    expect(await read(setting, name)).toMatchObject({
      state: "IN_PROGRESS",
      failureReason: "",
      deployEndTime: null,
      deployFailureCause: "FAILURE_CAUSE_UNSPECIFIED",
    });
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, name)).toBe("SUCCEEDED");
    const [jobRuns] = await setting.client.listJobRuns({ parent: name, filter: 'jobId="verify"' });
    expect(jobRuns.map(({ state }) => state)).toEqual(["FAILED", "SUCCEEDED"]);
  });

  test("are ignored unless they deploy", async () => {
    const name = await reach(setting, "FAILED");
    await setting.client.ignoreJob({ rollout: name, phaseId: "stable", jobId: "verify" });
    expect(await phasesOf(setting, name)).toEqual([
      "stable: SUCCEEDED (deploy SUCCEEDED, verify IGNORED)",
    ]);
    expect(await stateOf(setting, name)).toBe("SUCCEEDED");

    setting.server.failNextJob({ target: "dev", job: "deploy", message: "no" });
    await renderedRelease(setting, "r2");
    const second = await createRollout(setting, { release: "r2", target: "dev" });
    await setting.clock.advance(JOB_MS);
    const deploy = { rollout: second, phaseId: "stable", jobId: "deploy" };
    expect(await statusOf(setting.client.ignoreJob(deploy))).toBe(REFUSED);
  });

  test("fail when the runtime refuses what they deploy", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1", {
      buildArtifacts: [{ image: "api", tag: "repo/broken:1" }],
    });
    const name = await createRollout(setting, { release: "r1", target: "dev" });
    await setting.clock.advance(JOB_MS);
    expect(await read(setting, name)).toMatchObject({
      state: "FAILED",
      failureReason: "Revision is not ready: the container failed to start",
    });
    const [run] = await setting.client.getJobRun({
      name: await jobRunOf(setting, name, "deployJob"),
    });
    expect(run.deployJobRun).toMatchObject({ failureCause: "EXECUTION_FAILED" });
  });

  test("are terminated in two steps, and the rest of the rollout is halted until it is retried", async () => {
    const name = await reach(setting, "IN_PROGRESS");
    const jobRun = await jobRunOf(setting, name, "deployJob");
    await setting.client.terminateJobRun({ name: jobRun });
    expect((await setting.client.getJobRun({ name: jobRun }))[0].state).toBe("TERMINATING");
    await setting.clock.advance(JOB_MS);
    expect((await setting.client.getJobRun({ name: jobRun }))[0].state).toBe("TERMINATED");
    expect(await phasesOf(setting, name)).toEqual([
      "stable: ABORTED (deploy ABORTED, verify PENDING)",
    ]);
    expect(setting.deploys).toEqual([]);
    await setting.client.retryJob({ rollout: name, phaseId: "stable", jobId: "deploy" });
    await setting.clock.advance(2 * JOB_MS);
    expect(await stateOf(setting, name)).toBe("SUCCEEDED");
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
    const jobRun = await jobRunOf(setting, name, "deployJob");
    expect((await setting.client.getJobRun({ name: jobRun }))[0].state).toBe("TERMINATING");
    await setting.clock.advance(JOB_MS);
    expect((await setting.client.getJobRun({ name: jobRun }))[0].state).toBe("TERMINATED");
    expect(await phasesOf(setting, name)).toEqual([
      "stable: ABORTED (deploy ABORTED, verify ABORTED)",
    ]);
    expect(setting.deploys).toEqual([]);
  });
});
