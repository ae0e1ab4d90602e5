import { putObject } from "../support/put-object.ts";
import { protos } from "@google-cloud/deploy";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import type { ApplyOutcome } from "../../infra/plan/apply-spec.ts";
import { openApply, PARENT, sample } from "./apply-setting.ts";
import type { ApplySetting } from "./apply-setting.ts";

type Target = protos.google.cloud.deploy.v1.ITarget;
type ExecutionConfig = protos.google.cloud.deploy.v1.IExecutionConfig;

const TESTBED = sample("msp-testbed");
const DEV = `${PARENT}/targets/msp-testbed-dev-us-central1`;
const ACCOUNT = "slipway-deploy@slipway.iam.gserviceaccount.com";
const OTHER = "theirs@acme.iam.gserviceaccount.com";
const { RENDER, DEPLOY } = protos.google.cloud.deploy.v1.ExecutionConfig.ExecutionEnvironmentUsage;
const ALL = ["RENDER", "DEPLOY", "VERIFY", "PREDEPLOY", "POSTDEPLOY"] as const;

let setting: ApplySetting;
beforeEach(async () => {
  setting = await openApply();
});
afterEach(async () => {
  await setting.close();
});

async function dev(): Promise<Target> {
  const [target] = await setting.client.getTarget({ name: DEV });
  return target;
}

async function change(executionConfigs: ExecutionConfig[]): Promise<void> {
  const [operation] = await setting.client.updateTarget({
    target: { name: DEV, executionConfigs },
    updateMask: { paths: ["execution_configs"] },
  });
  await operation.promise();
}

async function make(target: Target): Promise<void> {
  const place = target.customTarget
    ? {}
    : { run: { location: "projects/msp-testbed-dev-8d3f/locations/us-central1" } };
  const [operation] = await setting.client.createTarget({
    parent: PARENT,
    targetId: "msp-testbed-dev-us-central1",
    target: { ...place, ...target },
  });
  await operation.promise();
}

/** What a person is told of the target of dev. */
function told(outcome: ApplyOutcome): readonly string[] {
  const steps = outcome.kind === "applied" ? outcome.steps : [];
  const step = steps.find(({ name }) => name === DEV);
  const changes = (step?.changes ?? []).map(({ field, from, to }) => `${field}: ${from} -> ${to}`);
  return [step?.action ?? "none", ...changes, ...(step?.notes ?? [])];
}

describe("the execution settings of a target", () => {
  test("name Slipway's account and bucket for all that runs, and stay so", async () => {
    expect(told(await setting.apply(TESTBED))).toEqual([
      "create",
      `Cloud Deploy deploys to it as ${ACCOUNT}`,
      `its image is in project slipway-local, so two accounts need roles/artifactregistry.reader on the repository apps in us-central1: ${ACCOUNT}, and the Cloud Run service agent of msp-testbed-dev-8d3f (service-PROJECT_NUMBER@serverless-robot-prod.iam.gserviceaccount.com)`,
    ]);
    const { executionConfigs } = await dev();
    expect(executionConfigs).toMatchObject([
      { usages: ALL, serviceAccount: ACCOUNT, artifactStorage: "gs://slipway-sources" },
    ]);
    expect(told(await setting.apply(TESTBED))).toEqual(["unchanged"]);
  });

  test("need no reader of another project's registry where the image is the environment's own", async () => {
    const own = TESTBED.replace("slipway-local/apps", "msp-testbed-dev-8d3f/apps");
    expect(told(await setting.apply(own))).toEqual([
      "create",
      `Cloud Deploy deploys to it as ${ACCOUNT}`,
    ]);
  });

  test("are another account's where the installation names one", async () => {
    const installation = { ...setting.installation, deployAccount: OTHER };
    await applySpec(installation, TESTBED);
    expect((await dev()).executionConfigs).toMatchObject([{ serviceAccount: OTHER }]);
    expect(told(await setting.apply(TESTBED))).toEqual([
      "update",
      `annotations: slipway.dev/execution-account=${OTHER} -> slipway.dev/execution-account=${ACCOUNT}`,
      `executionConfigs: as ${OTHER}, results in gs://slipway-sources -> as ${ACCOUNT}, results in gs://slipway-sources`,
    ]);
    expect((await dev()).executionConfigs).toMatchObject([{ serviceAccount: ACCOUNT }]);
  });

  test("are mended when somebody changes them by hand, and their pool and timeout stay", async () => {
    await setting.apply(TESTBED);
    await change([
      { usages: [RENDER, DEPLOY], serviceAccount: OTHER, executionTimeout: { seconds: 900 } },
    ]);
    expect(told(await setting.apply(TESTBED))).toEqual([
      "update",
      `executionConfigs: RENDER, DEPLOY as ${OTHER}; VERIFY, PREDEPLOY, POSTDEPLOY as the default Compute account -> as ${ACCOUNT}, results in gs://slipway-sources`,
    ]);
    expect((await dev()).executionConfigs).toMatchObject([
      {
        usages: ["RENDER", "DEPLOY"],
        serviceAccount: ACCOUNT,
        executionTimeout: { seconds: "900" },
      },
      { usages: ["VERIFY", "PREDEPLOY", "POSTDEPLOY"], serviceAccount: ACCOUNT },
    ]);
    expect(told(await setting.apply(TESTBED))).toEqual(["unchanged"]);
  });

  test("are given to a target that was made without any", async () => {
    await make({});
    const [action, ...lines] = told(await setting.apply(TESTBED));
    expect(action).toBe("update");
    expect(lines).toContain(
      `executionConfigs: as the default Compute account -> as ${ACCOUNT}, results in gs://slipway-sources`,
    );
  });
});

describe("a target that somebody else gave an account", () => {
  const usages = [RENDER, DEPLOY];
  const configs = [{ usages, serviceAccount: OTHER }];
  const kept = `it deploys as ${OTHER}, which somebody else chose, and Slipway leaves that so; remove the account from the target, and it will deploy as ${ACCOUNT}`;

  test("keeps it, and the plan says so each time", async () => {
    await make({ executionConfigs: configs });
    expect(told(await setting.apply(TESTBED)).at(-1)).toBe(kept);
    expect((await dev()).executionConfigs).toMatchObject([{ serviceAccount: OTHER }]);
    expect(told(await setting.apply(TESTBED))).toEqual(["unchanged", kept]);
  });

  test("that happens to be ours is ours", async () => {
    await make({ executionConfigs: [{ usages, serviceAccount: ACCOUNT }] });
    await setting.apply(TESTBED);
    expect(told(await setting.apply(TESTBED))).toEqual(["unchanged"]);
    expect((await dev()).executionConfigs).toHaveLength(2);
  });

  test("and a type of its own is left alone, and its account told of", async () => {
    const customTargetType = `${PARENT}/customTargetTypes/cloud-run-service`;
    await make({ customTarget: { customTargetType }, executionConfigs: configs });
    await putObject(setting.storage, {
      project: "msp-testbed-prod-41c7",
      bucket: "msp-testbed-prod-41c7-cloudrun-skaffold",
      name: "source.tar.gz",
      bytes: new Uint8Array(),
    });
    const outcome = await setting.apply(TESTBED);
    expect(told(outcome).join()).toContain(`as ${OTHER}, and Slipway leaves it alone`);
    expect((await dev()).executionConfigs).toMatchObject([{ serviceAccount: OTHER }]);
  });
});
