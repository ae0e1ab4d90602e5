import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  BROKEN,
  createPipeline,
  createRelease,
  createRollout,
  JOB_MS,
  type Notification,
  NUMBERED,
  openCloudDeploy,
  PARENT,
  PIPELINE,
  read,
  RENDER_MS,
  renderedRelease,
  runTarget,
  type Setting,
} from "./cloud-deploy-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

let setting: Setting;

beforeEach(async () => {
  setting = await openCloudDeploy();
});

afterEach(async () => {
  await setting.close();
});

const RELEASE = `${NUMBERED}/deliveryPipelines/api/releases/r1`;
const ROLLOUT = `${RELEASE}/rollouts/r1-to-prod`;

/** What was published since the last call, oldest first. */
function taken(): readonly Notification[] {
  return setting.notifications.splice(0);
}

/** `resources Update Rollout`, `approvals Required`, … of what was published since the last call. */
function told(): readonly string[] {
  return taken().map(({ topic, Action = "", ResourceType = "" }) =>
    `${topic.replace("clouddeploy-", "")} ${Action} ${ResourceType}`.trim(),
  );
}

const APPROVED_TARGET = { prod: runTarget({ requireApproval: true }) };

describe("the attributes of a notification", () => {
  const PLACE = { Location: "us-central1", ProjectNumber: "123456789012" };
  const IN_PIPELINE = { ...PLACE, DeliveryPipelineId: "api" };
  const IN_RELEASE = { ...IN_PIPELINE, ReleaseId: "r1" };
  const IN_ROLLOUT = { ...IN_RELEASE, RolloutId: "r1-to-prod", TargetId: "prod" };
  const resources = { topic: "clouddeploy-resources" };
  const operations = { topic: "clouddeploy-operations" };
  const approvals = { topic: "clouddeploy-approvals" };

  test("are exactly those of the service, from the pipeline to the approved rollout's end", async () => {
    await createPipeline(setting, [{ targetId: "prod" }], APPROVED_TARGET);
    await createRelease(setting, "r1");
    await setting.clock.advance(RENDER_MS);
    const name = await createRollout(setting, { release: "r1", target: "prod" });
    await setting.client.approveRollout({ name, approved: true });
    const jobRun = (await read(setting, name)).phases?.[0]?.deploymentJobs?.deployJob?.jobRun ?? "";
    await setting.clock.advance(JOB_MS);

    const target = {
      ResourceType: "Target",
      Resource: `${NUMBERED}/targets/prod`,
      TargetId: "prod",
    };
    const pipeline = {
      ResourceType: "DeliveryPipeline",
      Resource: `${NUMBERED}/deliveryPipelines/api`,
    };
    const release = { ...IN_RELEASE, ResourceType: "Release", Resource: RELEASE };
    const rollout = { ...IN_ROLLOUT, ResourceType: "Rollout", Resource: ROLLOUT };
    const asked = { ...IN_ROLLOUT, Rollout: ROLLOUT };
    const run = {
      ...IN_ROLLOUT,
      ResourceType: "JobRun",
      Resource: jobRun,
      JobRunId: jobRun.split("/").at(-1),
    };
    const ran = { ...run, JobId: "deploy", JobType: "Deploy", PhaseId: "stable" };
    expect(setting.notifications).toEqual([
      { ...resources, Action: "Create", ...PLACE, ...target },
      { ...resources, Action: "Create", ...IN_PIPELINE, ...pipeline },
      { ...resources, Action: "Create", ...release },
      { ...operations, Action: "Start", ...release },
      { ...resources, Action: "Update", ...release },
      { ...operations, Action: "Succeed", ...release },
      { ...resources, Action: "Create", ...rollout },
      { ...approvals, Action: "Required", ...asked },
      { ...approvals, Action: "Approved", ...asked },
      { ...resources, Action: "Update", ...rollout },
      { ...resources, Action: "Update", ...rollout },
      { ...operations, Action: "Start", ...rollout },
      { ...resources, Action: "Create", ...run },
      { ...operations, Action: "Start", ...ran },
      { ...resources, Action: "Update", ...run },
      { ...operations, Action: "Succeed", ...ran },
      { ...resources, Action: "Update", ...rollout },
      { ...operations, Action: "Succeed", ...rollout },
    ]);
  });

  test("of a custom target type name the resource", async () => {
    const customTargetType = { customActions: { deployAction: "go" } };
    await setting.client.createCustomTargetType({
      parent: PARENT,
      customTargetTypeId: "own",
      customTargetType,
    });
    await setting.client.deleteCustomTargetType({ name: `${PARENT}/customTargetTypes/own` });
    const own = {
      ...resources,
      ...PLACE,
      ResourceType: "CustomTargetType",
      Resource: `${NUMBERED}/customTargetTypes/own`,
    };
    expect(taken()).toEqual([
      { ...own, Action: "Create" },
      { ...own, Action: "Delete" },
    ]);
  });
});

describe("what is told", () => {
  test("of a failed render and the rollout that waited for it", async () => {
    setting.objects.clear();
    await createPipeline(setting, [{ targetId: "prod" }]);
    await createRelease(setting, "r1");
    await createRollout(setting, { release: "r1", target: "prod" });
    taken();
    await setting.clock.advance(RENDER_MS);
    expect(told()).toEqual([
      "resources Update Release",
      "operations Failure Release",
      "resources Update Rollout",
      "operations Failure Rollout",
    ]);
  });

  test("of a rejected rollout", async () => {
    await createPipeline(setting, [{ targetId: "prod" }], APPROVED_TARGET);
    await renderedRelease(setting, "r1");
    const name = await createRollout(setting, { release: "r1", target: "prod" });
    taken();
    await setting.client.approveRollout({ name, approved: false });
    expect(told()).toEqual(["approvals Rejected", "resources Update Rollout"]);
  });

  test("of a canary that is advanced", async () => {
    const canary = {
      runtimeConfig: { cloudRun: { automaticTrafficControl: true } },
      canaryDeployment: { percentages: [10] },
    };
    await createPipeline(setting, [{ targetId: "prod", strategy: { canary } }]);
    await renderedRelease(setting, "r1");
    await createRollout(setting, { release: "r1", target: "prod" });
    await setting.clock.advance(JOB_MS);
    await renderedRelease(setting, "r2");
    const name = await createRollout(setting, { release: "r2", target: "prod" });
    taken();
    await setting.clock.advance(JOB_MS);
    await setting.client.advanceRollout({ name, phaseId: "stable" });
    const messages = taken();
    const advances = messages.filter(({ topic }) => topic === "clouddeploy-advances");
    const attributes = {
      topic: "clouddeploy-advances",
      DeliveryPipelineId: "api",
      Location: "us-central1",
      PhaseId: "stable",
      ProjectNumber: "123456789012",
      ReleaseId: "r2",
      Rollout: `${NUMBERED}/deliveryPipelines/api/releases/r2/rollouts/r2-to-prod`,
      RolloutId: "r2-to-prod",
      TargetId: "prod",
    };
    expect(advances).toEqual([
      { ...attributes, Action: "Required" },
      { ...attributes, Action: "Advanced" },
    ]);
  });

  test("of a cancelled rollout and the queued one that follows it", async () => {
    await createPipeline(setting, [{ targetId: "prod" }]);
    await renderedRelease(setting, "r1");
    await renderedRelease(setting, "r2");
    const name = await createRollout(setting, { release: "r1", target: "prod" });
    await createRollout(setting, { release: "r2", target: "prod" });
    taken();
    await setting.client.cancelRollout({ name });
    expect(told()).toEqual(["resources Update Rollout"]);
    await setting.clock.advance(JOB_MS);
    expect(told()).toEqual([
      "resources Update JobRun",
      "operations Terminated JobRun",
      "resources Update Rollout",
      "operations Cancelled Rollout",
      "resources Update Rollout",
      "operations Start Rollout",
      "resources Create JobRun",
      "operations Start JobRun",
    ]);
  });

  test("of a failed job and its retry", async () => {
    await createPipeline(setting, [{ targetId: "prod" }]);
    await renderedRelease(setting, "r1", { buildArtifacts: [{ image: "api", tag: BROKEN }] });
    const name = await createRollout(setting, { release: "r1", target: "prod" });
    taken();
    await setting.clock.advance(JOB_MS);
    expect(told()).toEqual([
      "resources Update JobRun",
      "operations Failure JobRun",
      "resources Update Rollout",
      "operations Failure Rollout",
    ]);
    await setting.client.retryJob({ rollout: name, phaseId: "stable", jobId: "deploy" });
    expect(told()).toEqual([
      "resources Update Rollout",
      "resources Create JobRun",
      "operations Start JobRun",
    ]);
  });

  test("of a deleted pipeline alone, not of what was in it", async () => {
    await createPipeline(setting, [{ targetId: "prod" }]);
    await renderedRelease(setting, "r1");
    taken();
    await setting.client.deleteDeliveryPipeline({ name: PIPELINE, force: true });
    expect(told()).toEqual(["resources Delete DeliveryPipeline"]);
  });

  test("goes to the topics of the project by its id, without data", async () => {
    await setting.close();
    const published: unknown[] = [];
    setting = await openCloudDeploy({
      publisher: { publish: (topic, message) => published.push({ topic, ...message }) },
    });
    await setting.client.createTarget({ parent: PARENT, targetId: "dev", target: runTarget() });
    const topic = "projects/acme/topics/clouddeploy-resources";
    expect(published).toMatchObject([{ topic, attributes: { Action: "Create" } }]);
    expect(published[0]).not.toHaveProperty("data");
    const parent = "projects/unheard-of/locations/us-central1";
    await setting.client.createTarget({ parent, targetId: "dev", target: runTarget() });
    expect(published[1]).toMatchObject({
      topic: "projects/unheard-of/topics/clouddeploy-resources",
    });
  });
});
