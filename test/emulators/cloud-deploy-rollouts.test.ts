import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { reach } from "./cloud-deploy-reach.ts";
import {
  ARCHIVE,
  BROKEN,
  createPipeline,
  createRollout,
  JOB_MS,
  openCloudDeploy,
  PARENT,
  PIPELINE,
  read,
  RENDER_MS,
  renderedRelease,
  runTarget,
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

describe("what may be done to a rollout", () => {
  test.each([
    { state: "PENDING_RELEASE", may: ["cancel"] },
    { state: "PENDING_APPROVAL", may: ["approve", "reject", "cancel"] },
    { state: "APPROVAL_REJECTED", may: [] },
    { state: "PENDING", may: ["cancel"] },
    { state: "IN_PROGRESS", may: ["cancel"] },
    { state: "SUCCEEDED", may: [] },
    { state: "FAILED", may: ["retry"] },
    { state: "CANCELLING", may: [] },
    { state: "CANCELLED", may: [] },
  ])("in state $state is $may and nothing else", async ({ state, may }) => {
    const deploy = { phaseId: "stable", jobId: "deploy" };
    const actions: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
      approve: (name) => setting.client.approveRollout({ name, approved: true }),
      reject: (name) => setting.client.approveRollout({ name, approved: false }),
      advance: (name) => setting.client.advanceRollout({ name, phaseId: "stable" }),
      cancel: (name) => setting.client.cancelRollout({ name }),
      retry: (rollout) => setting.client.retryJob({ rollout, ...deploy }),
    };
    const outcomes: Record<string, string> = {};
    for (const [action, run] of Object.entries(actions)) {
      await setting.close();
      setting = await openCloudDeploy();
      const name = await reach(setting, state);
      expect(await stateOf(setting, name)).toBe(state);
      outcomes[action] = await statusOf(run(name));
    }
    const expected = Object.keys(actions).map((action) => [
      action,
      may.includes(action) ? "OK" : REFUSED,
    ]);
    expect(outcomes).toEqual(Object.fromEntries(expected));
  });

  test("is refused with NOT_FOUND for what does not exist and INVALID_ARGUMENT for what is missing", async () => {
    const name = await reach(setting, "FAILED");
    const { client } = setting;
    expect(await statusOf(client.cancelRollout({ name: `${name}-x` }))).toBe("NOT_FOUND");
    expect(await statusOf(client.advanceRollout({ name, phaseId: "canary-1" }))).toBe("NOT_FOUND");
    expect(await statusOf(client.advanceRollout({ name }))).toBe("INVALID_ARGUMENT");
    const job = { rollout: name, phaseId: "stable", jobId: "predeploy" };
    expect(await statusOf(client.retryJob(job))).toBe("NOT_FOUND");
    expect(await statusOf(client.retryJob({ rollout: name, phaseId: "stable" }))).toBe(
      "INVALID_ARGUMENT",
    );
  });
});

describe("approval", () => {
  test("starts an approved rollout and says when it was approved", async () => {
    const name = await reach(setting, "PENDING_APPROVAL");
    expect(await read(setting, name)).toMatchObject({
      approvalState: "NEEDS_APPROVAL",
      enqueueTime: null,
    });
    await setting.client.approveRollout({ name, approved: true });
    const rollout = await read(setting, name);
    expect(rollout).toMatchObject({ state: "IN_PROGRESS", approvalState: "APPROVED" });
    expect(rollout.approveTime).toEqual(rollout.enqueueTime);
  });

  test("ends a rejected rollout for good", async () => {
    const name = await reach(setting, "APPROVAL_REJECTED");
    await setting.clock.advance(JOB_MS);
    expect(await read(setting, name)).toMatchObject({
      state: "APPROVAL_REJECTED",
      approvalState: "REJECTED",
    });
    expect(setting.deploys).toEqual([]);
  });

  test("is asked for as the target was when the release was made", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    const target = runTarget({
      name: PIPELINE.replace(/deliveryPipelines.*/, "targets/dev"),
      requireApproval: true,
    });
    await setting.client.updateTarget({ target, updateMask: { paths: ["require_approval"] } });
    const name = await createRollout(setting, { release: "r1", target: "dev" });
    expect(await stateOf(setting, name)).toBe("IN_PROGRESS");
  });
});

describe("the queue of a target", () => {
  test("starts one rollout at a time, in the order they came", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await renderedRelease(setting, "r1");
    await renderedRelease(setting, "r2");
    await renderedRelease(setting, "r3");
    const names: string[] = [];
    for (const release of ["r1", "r3", "r2"]) {
      names.push(await createRollout(setting, { release, target: "dev" }));
    }
    const states: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      states.push((await Promise.all(names.map((name) => stateOf(setting, name)))).join(" "));
      await setting.clock.advance(JOB_MS);
    }
    expect(states).toEqual([
      "IN_PROGRESS PENDING PENDING",
      "SUCCEEDED IN_PROGRESS PENDING",
      "SUCCEEDED SUCCEEDED IN_PROGRESS",
      "SUCCEEDED SUCCEEDED SUCCEEDED",
    ]);
  });

  test("goes on when the active rollout fails or is cancelled", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    const broken = { buildArtifacts: [{ image: "api", tag: BROKEN }] };
    await renderedRelease(setting, "r1", broken);
    await renderedRelease(setting, "r2");
    await renderedRelease(setting, "r3");
    const names: string[] = [];
    for (const release of ["r1", "r2", "r3"]) {
      names.push(await createRollout(setting, { release, target: "dev" }));
    }
    const [first = "", second = "", third = ""] = names;
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, first)).toBe("FAILED");
    await setting.client.cancelRollout({ name: second });
    expect(await stateOf(setting, third)).toBe("PENDING");
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, second)).toBe("CANCELLED");
    expect(await stateOf(setting, third)).toBe("IN_PROGRESS");
  });

  test("does not let a failed rollout be retried while another is in progress", async () => {
    const failed = await reach(setting, "FAILED");
    await renderedRelease(setting, "r2");
    await createRollout(setting, { release: "r2", target: "dev" });
    const job = { rollout: failed, phaseId: "stable", jobId: "deploy" };
    expect(await statusOf(setting.client.retryJob(job))).toBe(REFUSED);
    await setting.clock.advance(JOB_MS);
    expect(await statusOf(setting.client.retryJob(job))).toBe("OK");
  });

  test("is one for all pipelines, and one for each target", async () => {
    await createPipeline(setting, [{ targetId: "dev" }, { targetId: "prod" }]);
    await renderedRelease(setting, "r1");
    await createRollout(setting, { release: "r1", target: "dev" });
    const prod = await createRollout(setting, { release: "r1", target: "prod" });
    expect(await stateOf(setting, prod)).toBe("IN_PROGRESS");

    await setting.client.createDeliveryPipeline({
      parent: PARENT,
      deliveryPipelineId: "web",
      deliveryPipeline: { serialPipeline: { stages: [{ targetId: "dev" }] } },
    });
    const parent = `${PARENT}/deliveryPipelines/web`;
    const release = { skaffoldConfigUri: ARCHIVE };
    await setting.client.createRelease({ parent, releaseId: "w1", release });
    const rollout = { parent: `${parent}/releases/w1`, rolloutId: "w1-to-dev" };
    await setting.client.createRollout({ ...rollout, rollout: { targetId: "dev" } });
    const name = `${rollout.parent}/rollouts/${rollout.rolloutId}`;
    await setting.clock.advance(RENDER_MS - 1);
    expect(await stateOf(setting, name)).toBe("PENDING_RELEASE");
    await setting.clock.advance(1);
    expect(await stateOf(setting, name)).toBe("IN_PROGRESS");
  });
});
