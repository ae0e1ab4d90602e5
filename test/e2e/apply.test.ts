import { putObject } from "../support/put-object.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applySpec } from "../../infra/plan/apply-spec.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import { edit } from "../unit/spec-support.ts";
import { actionsOf, BY, containing, openApply, PARENT, recorded, sample } from "./apply-setting.ts";
import type { ApplySetting } from "./apply-setting.ts";

const TESTBED = sample("msp-testbed");
const PARCELS = sample("parcel-tracker");
const PIPELINE = `${PARENT}/deliveryPipelines/msp-testbed-us-central1-rollout`;
const DEV = `${PARENT}/targets/msp-testbed-dev-us-central1`;
const PROD = `${PARENT}/targets/msp-testbed-prod-us-central1`;

let setting: ApplySetting;
beforeEach(async () => {
  setting = await openApply();
});
afterEach(async () => {
  await setting.close();
});

function writes(): number {
  const { faults } = setting.cloudDeploy;
  const methods = [
    "CreateTarget",
    "UpdateTarget",
    "CreateDeliveryPipeline",
    "UpdateDeliveryPipeline",
  ];
  const storage = setting.storage.faults;
  return (
    methods.reduce((sum, method) => sum + faults.calls(method), 0) +
    storage.calls("buckets.insert") +
    storage.calls("objects.insert")
  );
}

describe("the first time", () => {
  test("bucket, archive, targets, pipeline, alerts and record are made, in this order", async () => {
    const outcome = await setting.apply(TESTBED);
    const { revision, sourceUri } = recorded(setting, "msp-testbed");
    expect(actionsOf(outcome)).toEqual([
      "create bucket slipway-sources",
      `create source archive ${revision}.tar.gz`,
      "create target msp-testbed-dev-us-central1",
      "create target msp-testbed-prod-us-central1",
      "create delivery pipeline msp-testbed-us-central1-rollout",
      "create alert policy MSP Testbed in dev: Too many server errors",
      "create alert policy MSP Testbed in prod: Too many server errors",
      "create service msp-testbed",
    ]);
    expect(sourceUri).toBe(`gs://slipway-sources/services/msp-testbed/${revision}.tar.gz`);
    expect(setting.storage.read(sourceUri)).not.toBeNull();
    expect(setting.memory.world.published.map(({ kind, by }) => [kind, by])).toEqual([
      ["service.applied", BY],
    ]);
  });

  test("each target runs in its environment's project and asks for no approval", async () => {
    await setting.apply(TESTBED);
    const [target] = await setting.client.getTarget({ name: PROD });
    expect(target).toMatchObject({
      description: "MSP Testbed in prod",
      labels: { "managed-by": "slipway", "slipway-service": "msp-testbed" },
      requireApproval: false,
      run: { location: "projects/msp-testbed-prod-41c7/locations/us-central1" },
    });
  });

  test("the pipeline has all its targets and says which service and revision it is of", async () => {
    await setting.apply(TESTBED);
    const [pipeline] = await setting.client.getDeliveryPipeline({ name: PIPELINE });
    expect(pipeline).toMatchObject({
      description: "Rollout delivery pipeline for MSP Testbed",
      labels: { "slipway-service": "msp-testbed" },
      annotations: { "slipway.dev/revision": recorded(setting, "msp-testbed").revision },
      serialPipeline: {
        stages: [
          { targetId: "msp-testbed-dev-us-central1", profiles: ["dev"] },
          { targetId: "msp-testbed-prod-us-central1", profiles: ["prod"] },
        ],
      },
    });
    const [targets] = await setting.client.listTargets({ parent: PARENT });
    const stages = pipeline.serialPipeline?.stages ?? [];
    expect(targets.map(({ targetId }) => targetId)).toEqual(
      expect.arrayContaining(stages.map(({ targetId }) => targetId)),
    );
  });

  test("a policy's canary becomes the stage's strategy", async () => {
    await setting.apply(PARCELS);
    const name = `${PARENT}/deliveryPipelines/parcel-tracker-us-central1-rollout`;
    const [{ serialPipeline }] = await setting.client.getDeliveryPipeline({ name });
    expect(serialPipeline?.stages?.map(({ strategy }) => strategy)).toMatchObject([
      { standard: {} },
      { standard: {} },
      {
        canary: {
          runtimeConfig: { cloudRun: { automaticTrafficControl: true } },
          canaryDeployment: { percentages: [10, 50] },
        },
      },
    ]);
  });

  test("an environment outside the stages gets a pipeline of its own", async () => {
    const demo = `  - id: demo
    projectID: msp-testbed-demo-0c0c
    category: test
    deploy: {type: subscription, subscription: {tag: main}}
    instances: {resources: {cpu: 1, memory: 512Mi}}
`;
    await setting.apply(edit(TESTBED, ["\nmonitoring:", `${demo}\nmonitoring:`]));
    const name = `${PARENT}/deliveryPipelines/msp-testbed-demo-us-central1`;
    const [{ serialPipeline }] = await setting.client.getDeliveryPipeline({ name });
    expect(serialPipeline?.stages).toMatchObject([
      { targetId: "msp-testbed-demo-us-central1", profiles: ["demo"] },
    ]);
  });

  test("each step is reported when it is done", async () => {
    const reported: string[] = [];
    const report = ({ kind }: { readonly kind: string }): void => {
      reported.push(`${kind}, with ${setting.memory.world.store.services.size} recorded`);
    };
    await applySpec({ ...setting.installation, report }, TESTBED);
    expect(reported.at(0)).toBe("bucket, with 0 recorded");
    expect(reported.at(-1)).toBe("service, with 1 recorded");
  });
});

describe("again", () => {
  beforeEach(async () => {
    await setting.apply(TESTBED);
  });

  test("the same changes nothing and writes nothing", async () => {
    const before = writes();
    const outcome = await setting.apply(TESTBED);
    expect(outcome).toMatchObject({ kind: "applied", isChanged: false });
    expect(new Set(actionsOf(outcome).map((action) => action.split(" ")[0]))).toEqual(
      new Set(["unchanged"]),
    );
    expect(writes()).toBe(before);
    expect(setting.memory.world.published).toHaveLength(1);
  });

  test("with other owners only the record changes", async () => {
    const outcome = await setting.apply(edit(TESTBED, ["core-services", "other-team"]));
    expect(actionsOf(outcome).filter((action) => !action.startsWith("unchanged"))).toEqual([
      "update service msp-testbed",
    ]);
    expect(recorded(setting, "msp-testbed").owners).toEqual(["other-team"]);
  });

  test("with more memory there is another archive beside the first", async () => {
    const { sourceUri } = recorded(setting, "msp-testbed");
    const outcome = await setting.apply(edit(TESTBED, ["memory: 1Gi", "memory: 2Gi"]));
    const next = recorded(setting, "msp-testbed").sourceUri;
    expect(next).not.toBe(sourceUri);
    expect(setting.storage.read(sourceUri)).not.toBeNull();
    expect(setting.storage.read(next)).not.toBeNull();
    expect(actionsOf(outcome)).toContain(
      "update delivery pipeline msp-testbed-us-central1-rollout",
    );
  });

  test("what was deleted is made again", async () => {
    await setting.client.deleteDeliveryPipeline({ name: PIPELINE });
    const outcome = await setting.apply(TESTBED);
    expect(actionsOf(outcome).filter((action) => action.startsWith("create"))).toEqual([
      "create delivery pipeline msp-testbed-us-central1-rollout",
    ]);
  });

  test("what others set on a target stays when the description changes", async () => {
    const target = { name: DEV, labels: { team: "core" }, requireApproval: true };
    const updateMask = { paths: ["labels", "require_approval"] };
    await setting.client.updateTarget({ target, updateMask });
    const outcome = await setting.apply(edit(TESTBED, ["name: MSP Testbed", "name: Testbed"]));
    expect(actionsOf(outcome)).toContain("update target msp-testbed-dev-us-central1");
    const [changed] = await setting.client.getTarget({ name: DEV });
    expect(changed).toMatchObject({
      description: "Testbed in dev",
      labels: { team: "core", "slipway-service": "msp-testbed" },
      requireApproval: true,
    });
  });

  test("a stage that somebody changed is put back, and nothing else of the pipeline", async () => {
    const stages = [{ targetId: "msp-testbed-dev-us-central1", profiles: ["other"] }];
    const deliveryPipeline = { name: PIPELINE, serialPipeline: { stages }, suspended: true };
    const updateMask = { paths: ["serial_pipeline", "suspended"] };
    await setting.client.updateDeliveryPipeline({ deliveryPipeline, updateMask });
    const outcome = await setting.apply(TESTBED);
    const step = outcome.kind === "applied" ? outcome.steps.at(4) : undefined;
    expect(step?.changes.map(({ field }) => field)).toEqual(["stages"]);
    expect(step?.notes.join()).toContain("suspended");
    const [pipeline] = await setting.client.getDeliveryPipeline({ name: PIPELINE });
    expect(pipeline.suspended).toBe(true);
    expect(pipeline.serialPipeline?.stages).toHaveLength(2);
  });

  test("an archive that is there is kept even when it is another", async () => {
    const { sourceUri } = recorded(setting, "msp-testbed");
    const [, bucket = "", name = ""] = /^gs:\/\/([^/]+)\/(.+)$/.exec(sourceUri) ?? [];
    await putObject(setting.storage, {
      project: "slipway",
      bucket,
      name,
      bytes: new Uint8Array([1]),
    });
    const outcome = await setting.apply(TESTBED);
    const step = outcome.kind === "applied" ? outcome.steps.at(1) : undefined;
    expect(step).toMatchObject({
      action: "unchanged",
      notes: [containing("differs")],
    });
    expect(setting.storage.read(sourceUri)).toHaveLength(1);
  });
});

async function holds(): Promise<readonly string[]> {
  const aggregate = await setting.memory.ports.store.read(serviceId("msp-testbed"));
  return aggregate?.state.holds.map(({ reason }) => reason) ?? [];
}

describe("rollout.suspended", () => {
  const suspended = edit(TESTBED, [
    "    - environment: prod\n",
    "    - environment: prod\n  suspended: true\n",
  ]);

  test("is a hold on each stage, and the pipeline is not suspended", async () => {
    await setting.apply(suspended);
    expect(await holds()).toEqual(Array(2).fill("rollout.suspended in service.yaml"));
    const [pipeline] = await setting.client.getDeliveryPipeline({ name: PIPELINE });
    expect(pipeline.suspended).toBe(false);
    expect(await setting.apply(suspended)).toMatchObject({ isChanged: false });
  });

  test("is lifted when the key goes, after the rest is applied", async () => {
    await setting.apply(suspended);
    const outcome = await setting.apply(TESTBED);
    expect(actionsOf(outcome).slice(-3)).toEqual([
      "update service msp-testbed",
      "delete hold hold-suspended-msp-testbed-dev",
      "delete hold hold-suspended-msp-testbed-prod",
    ]);
    expect(await holds()).toEqual([]);
  });

  test("leaves environments outside the stages alone", async () => {
    const edge = edit(suspended, [
      "environments:\n",
      `environments:
  - {id: edge, projectID: msp-testbed-edge-1a2b, category: test, deploy: {type: subscription, subscription: {tag: main}}, instances: {resources: {cpu: 1, memory: 1Gi}}}
`,
    ]);
    await setting.apply(edge);
    const aggregate = await setting.memory.ports.store.read(serviceId("msp-testbed"));
    const held = aggregate?.state.holds.map(({ scope }) => scope);
    expect(held).toMatchObject([{ environment: "dev" }, { environment: "prod" }]);
  });

  test("comes before the record where there is one already", async () => {
    await setting.apply(TESTBED);
    const outcome = await setting.apply(suspended);
    expect(actionsOf(outcome).slice(-3)).toEqual([
      "create hold hold-suspended-msp-testbed-dev",
      "create hold hold-suspended-msp-testbed-prod",
      "update service msp-testbed",
    ]);
  });
});
