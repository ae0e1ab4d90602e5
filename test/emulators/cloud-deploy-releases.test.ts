import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  ARCHIVE,
  createPipeline,
  createRelease,
  createRollout,
  NUMBERED,
  openCloudDeploy,
  PARENT,
  PIPELINE,
  type Release,
  RENDER_MS,
  renderedRelease,
  runTarget,
  type Setting,
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

async function readRelease(id: string): Promise<Release> {
  const [release] = await setting.client.getRelease({ name: `${PIPELINE}/releases/${id}` });
  return release;
}

describe("a release", () => {
  test("is in progress until the clock has moved by the render time, then is rendered", async () => {
    await createPipeline(setting, [{ targetId: "dev" }]);
    await createRelease(setting, "r1");
    await setting.clock.advance(RENDER_MS - 1);
    expect(await readRelease("r1")).toMatchObject({
      name: `${NUMBERED}/deliveryPipelines/api/releases/r1`,
      renderState: "IN_PROGRESS",
      renderEndTime: null,
    });
    await setting.clock.advance(1);
    expect(await readRelease("r1")).toMatchObject({
      renderState: "SUCCEEDED",
      targetRenders: { dev: { renderingState: "SUCCEEDED" } },
    });
  });

  test("keeps the pipeline, targets and custom target types as they were when it was made", async () => {
    const { client } = setting;
    const customTargetType = { customActions: { deployAction: "announce" } };
    await client.createCustomTargetType({
      parent: PARENT,
      customTargetTypeId: "own",
      customTargetType,
    });
    const own = { customTarget: { customTargetType: `${PARENT}/customTargetTypes/own` } };
    await createPipeline(setting, [{ targetId: "dev" }, { targetId: "other" }], {
      dev: runTarget({ labels: { tier: "gold" } }),
      other: own,
    });
    await createRelease(setting, "r1");
    const target = runTarget({ name: `${PARENT}/targets/dev`, labels: { tier: "lead" } });
    await client.updateTarget({ target, updateMask: { paths: ["labels"] } });
    await client.deleteCustomTargetType({ name: `${PARENT}/customTargetTypes/own` });
    expect(await readRelease("r1")).toMatchObject({
      deliveryPipelineSnapshot: {
        serialPipeline: { stages: [{ targetId: "dev" }, { targetId: "other" }] },
      },
      targetSnapshots: [{ targetId: "dev", labels: { tier: "gold" } }, { targetId: "other" }],
      customTargetTypeSnapshots: [{ customTargetTypeId: "own" }],
    });
  });

  test("is refused when it cannot be made", async () => {
    const { client } = setting;
    await createPipeline(setting, [{ targetId: "dev" }]);
    await createRelease(setting, "r1");
    const good = { skaffoldConfigUri: ARCHIVE };
    async function creating(
      releaseId: string,
      release: Release,
      parent = PIPELINE,
    ): Promise<string> {
      return statusOf(client.createRelease({ parent, releaseId, release }));
    }
    expect(await creating("r1", good)).toBe("ALREADY_EXISTS");
    expect(await creating("r2", {})).toBe("INVALID_ARGUMENT");
    expect(await creating("r2", { skaffoldConfigUri: "https://x/y.tar.gz" })).toBe(
      "INVALID_ARGUMENT",
    );
    expect(await creating("r2", { ...good, buildArtifacts: [{ image: "api" }] })).toBe(
      "INVALID_ARGUMENT",
    );
    expect(await creating("r2", { ...good, skaffoldVersion: "0.1" })).toBe("INVALID_ARGUMENT");
    expect(await creating("R2", good)).toBe("INVALID_ARGUMENT");
    expect(await creating("r2-", good)).toBe("INVALID_ARGUMENT");
    expect(await creating("r".repeat(64), good)).toBe("INVALID_ARGUMENT");
    expect(await creating("r".repeat(63), good)).toBe("OK");
    expect(await creating("r2", good, `${PARENT}/deliveryPipelines/web`)).toBe("NOT_FOUND");
    await client.deleteTarget({ name: `${PARENT}/targets/dev` });
    expect(await creating("r2", good)).toBe("FAILED_PRECONDITION");
  });

  test("of a suspended pipeline is refused, and so are its rollouts", async () => {
    await createPipeline(setting, [{ targetId: "dev" }], {
      dev: runTarget({ requireApproval: true }),
    });
    await renderedRelease(setting, "r1");
    const name = await createRollout(setting, { release: "r1", target: "dev" });
    const deliveryPipeline = { name: PIPELINE, suspended: true };
    await setting.client.updateDeliveryPipeline({
      deliveryPipeline,
      updateMask: { paths: ["suspended"] },
    });
    expect(await statusOf(createRelease(setting, "r2"))).toBe("FAILED_PRECONDITION");
    const parent = `${PIPELINE}/releases/r1`;
    const again = { parent, rolloutId: "again", rollout: { targetId: "dev" } };
    expect(await statusOf(setting.client.createRollout(again))).toBe("FAILED_PRECONDITION");
    const approval = setting.client.approveRollout({ name, approved: true });
    expect(await statusOf(approval)).toBe("FAILED_PRECONDITION");
  });
});
