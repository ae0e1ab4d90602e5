import { putObject } from "../support/put-object.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { planSpec } from "../../infra/plan/plan-spec.ts";
import { openCloud } from "../../infra/resources/cloud.ts";
import type { Cloud } from "../../infra/resources/cloud.ts";
import type { PlannedStep } from "../../infra/resources/step.ts";
import { edit } from "../unit/spec-support.ts";
import { openApply, PARENT, sample } from "./apply-setting.ts";
import type { ApplySetting } from "./apply-setting.ts";

const TESTBED = sample("msp-testbed");
const DEV = `${PARENT}/targets/msp-testbed-dev-us-central1`;

let setting: ApplySetting;
let cloud: Cloud;
beforeEach(async () => {
  setting = await openApply();
  cloud = openCloud(setting.installation.endpoints, "slipway");
});
afterEach(async () => {
  await cloud.close();
  await setting.close();
});

async function planStep(text: string, kind: PlannedStep["kind"]): Promise<PlannedStep> {
  const { steps } = await planSpec(setting.installation, cloud, text);
  const step = steps.find((other) => other.kind === kind);
  if (step === undefined) {
    throw new Error(`the plan has no ${kind}`);
  }
  return step;
}

test("a plan alone changes nothing", async () => {
  const { steps } = await planSpec(setting.installation, cloud, TESTBED);
  expect(steps.map(({ action }) => action)).toEqual(steps.map(() => "create"));
  const [targets] = await setting.client.listTargets({ parent: PARENT });
  expect(targets).toEqual([]);
  expect(setting.storage.faults.calls("buckets.insert")).toBe(0);
  expect(setting.memory.world.store.services.size).toBe(0);
});

test("an archive that comes between plan and apply is not written over", async () => {
  const step = await planStep(TESTBED, "source archive");
  const [, bucket = "", name = ""] = /^gs:\/\/([^/]+)\/(.+)$/.exec(step.name) ?? [];
  await putObject(setting.storage, {
    project: "slipway",
    bucket,
    name,
    bytes: new Uint8Array([1]),
  });
  await step.perform();
  expect(setting.storage.read(step.name)).toHaveLength(1);
});

test("a bucket that comes between plan and apply is taken", async () => {
  const step = await planStep(TESTBED, "bucket");
  await putObject(setting.storage, {
    project: "slipway",
    bucket: "slipway-sources",
    name: "x",
    bytes: new Uint8Array(1),
  });
  await expect(step.perform()).resolves.toBeUndefined();
});

test("a target that changes between plan and apply is not written over", async () => {
  await setting.apply(TESTBED);
  const step = await planStep(edit(TESTBED, ["name: MSP Testbed", "name: Testbed"]), "target");
  const target = { name: DEV, labels: { team: "core" } };
  await setting.client.updateTarget({ target, updateMask: { paths: ["labels"] } });
  await expect(step.perform()).rejects.toMatchObject({ status: "ABORTED" });
  const [there] = await setting.client.getTarget({ name: DEV });
  expect(there.labels).toEqual({ team: "core" });
});

test("a step that is done again does no harm", async () => {
  const { steps } = await planSpec(setting.installation, cloud, TESTBED);
  for (const step of steps.filter(
    ({ kind }) => kind !== "target" && kind !== "delivery pipeline",
  )) {
    await step.perform();
    await step.perform();
  }
  expect(setting.memory.world.published).toHaveLength(1);
});
