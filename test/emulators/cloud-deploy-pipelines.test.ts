import { protos } from "@google-cloud/deploy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  createPipeline,
  createRelease,
  createRollout,
  openCloudDeploy,
  PARENT,
  PIPELINE,
  runTarget,
  type Setting,
  type Stage,
  statusOf,
  type Target,
} from "./cloud-deploy-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

let setting: Setting;

beforeEach(async () => {
  setting = await openCloudDeploy();
});

afterEach(async () => {
  await setting.close();
});

async function create(
  targetId: string,
  target: Target = runTarget(),
  more: object = {},
): Promise<void> {
  const [operation] = await setting.client.createTarget({
    parent: PARENT,
    targetId,
    target,
    ...more,
  });
  await operation.promise();
}

function canary(percentages: number[]): Stage {
  return { targetId: "dev", strategy: { canary: { canaryDeployment: { percentages } } } };
}

describe("a delivery pipeline", () => {
  test.each([
    {
      what: "a target twice",
      stages: [{ targetId: "dev" }, { targetId: "dev" }],
      status: "INVALID_ARGUMENT",
    },
    { what: "a stage without a target", stages: [{}], status: "INVALID_ARGUMENT" },
    { what: "percentages from 1 to 99", stages: [canary([1, 99])], status: "OK" },
    { what: "a percentage of 100", stages: [canary([100])], status: "INVALID_ARGUMENT" },
    { what: "a percentage of 0", stages: [canary([0])], status: "INVALID_ARGUMENT" },
    { what: "percentages that descend", stages: [canary([50, 10])], status: "INVALID_ARGUMENT" },
    { what: "no percentages", stages: [canary([])], status: "INVALID_ARGUMENT" },
  ])("with $what is $status", async ({ stages, status }) => {
    const call = setting.client.createDeliveryPipeline({
      parent: PARENT,
      deliveryPipelineId: "api",
      deliveryPipeline: { serialPipeline: { stages } },
    });
    expect(await statusOf(call)).toBe(status);
  });
});

type PlaceCase = { readonly what: string; readonly target: Target; readonly status: string };

describe("a target", () => {
  const { RENDER, DEPLOY, VERIFY, EXECUTION_ENVIRONMENT_USAGE_UNSPECIFIED } =
    protos.google.cloud.deploy.v1.ExecutionConfig.ExecutionEnvironmentUsage;
  const usages = [RENDER, DEPLOY];
  const serviceAccount = "deployer@acme.iam.gserviceaccount.com";

  const cases: readonly PlaceCase[] = [
    { what: "no place", target: {}, status: "INVALID_ARGUMENT" },
    {
      what: "a bad Cloud Run location",
      target: { run: { location: "us-central1" } },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "a bad custom target type",
      target: { customTarget: { customTargetType: "x" } },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "an execution of 10 minutes",
      target: { executionConfigs: [{ usages, executionTimeout: { seconds: 600 } }] },
      status: "OK",
    },
    {
      what: "one of less",
      target: { executionConfigs: [{ usages, executionTimeout: { seconds: 599 } }] },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "one of 24 hours",
      target: { executionConfigs: [{ usages, executionTimeout: { seconds: 86_400 } }] },
      status: "OK",
    },
    {
      what: "one of more",
      target: { executionConfigs: [{ usages, executionTimeout: { seconds: 86_401 } }] },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "an execution without a use",
      target: { executionConfigs: [{ usages: [] }] },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "a use that nobody knows",
      target: {
        executionConfigs: [{ usages: [...usages, EXECUTION_ENVIRONMENT_USAGE_UNSPECIFIED] }],
      },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "executions that deploy and render nothing",
      target: { executionConfigs: [{ usages: [DEPLOY] }] },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "one execution a use",
      target: { executionConfigs: [{ usages: [RENDER] }, { usages: [DEPLOY, VERIFY] }] },
      status: "OK",
    },
    {
      what: "two executions for one use",
      target: { executionConfigs: [{ usages }, { usages: [DEPLOY] }] },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "an account and a bucket",
      target: { executionConfigs: [{ usages, serviceAccount, artifactStorage: "gs://acme/x" }] },
      status: "OK",
    },
    {
      what: "an account that is a person",
      target: { executionConfigs: [{ usages, serviceAccount: "ann@example.com" }] },
      status: "INVALID_ARGUMENT",
    },
    {
      what: "results that go to no bucket",
      target: { executionConfigs: [{ usages, artifactStorage: "acme" }] },
      status: "INVALID_ARGUMENT",
    },
  ];

  test.each(cases)("with $what is $status", async ({ target, status }) => {
    const place = "executionConfigs" in target ? runTarget() : {};
    expect(await statusOf(create("dev", { ...place, ...target }))).toBe(status);
  });

  test("of a custom type needs a type with a deploy action", async () => {
    const request = { parent: PARENT, customTargetTypeId: "own", customTargetType: {} };
    expect(await statusOf(setting.client.createCustomTargetType(request))).toBe("INVALID_ARGUMENT");
  });
});

describe("a list", () => {
  test("is paged, filtered and ordered", async () => {
    for (const id of ["c", "a", "b"]) {
      await create(id, runTarget({ labels: { tier: id === "c" ? "gold" : "lead" } }));
    }
    const noPaging = { autoPaginate: false };
    const [first, , { nextPageToken }] = await setting.client.listTargets(
      { parent: PARENT, pageSize: 2, orderBy: "target_id" },
      noPaging,
    );
    expect(first.map(({ targetId }) => targetId)).toEqual(["a", "b"]);
    const [second] = await setting.client.listTargets(
      { parent: PARENT, pageSize: 2, orderBy: "target_id", pageToken: nextPageToken ?? "" },
      noPaging,
    );
    expect(second.map(({ targetId }) => targetId)).toEqual(["c"]);
    const [gold] = await setting.client.listTargets({
      parent: PARENT,
      filter: 'labels.tier="gold"',
    });
    expect(gold.map(({ targetId }) => targetId)).toEqual(["c"]);
    expect(await statusOf(setting.client.listTargets({ parent: PARENT, pageToken: "x" }))).toBe(
      "INVALID_ARGUMENT",
    );
  });

  test("of what is in a missing parent is NOT_FOUND, and of an unknown location empty", async () => {
    const { client } = setting;
    expect(await statusOf(client.listReleases({ parent: PIPELINE }))).toBe("NOT_FOUND");
    const [targets] = await client.listTargets({ parent: "projects/other/locations/moon" });
    expect(targets).toEqual([]);
  });

  test("takes - for any release, as gcloud asks for the rollouts of a target", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    for (const release of ["r1", "r2"]) {
      await createRelease(setting, release);
      await createRollout(setting, { release, target: "dev" });
      await setting.clock.advance(1000);
    }
    const [rollouts] = await setting.client.listRollouts({
      parent: `${PIPELINE}/releases/-`,
      filter:
        '(approvalState!="REJECTED" AND approvalState!="NEEDS_APPROVAL") AND state="SUCCEEDED" AND targetId="dev"',
      orderBy: "DeployEndTime desc",
    });
    expect(rollouts.map(({ name }) => name?.split("/").at(-1))).toEqual(["r2-to-dev", "r1-to-dev"]);
  });
});
