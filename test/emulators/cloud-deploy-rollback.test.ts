import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  createPipeline,
  createRollout,
  JOB_MS,
  NUMBERED,
  openCloudDeploy,
  PIPELINE,
  read,
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

const RELEASES = `${NUMBERED}/deliveryPipelines/api/releases`;

/** Deploys r1 and then r2 to `prod`. */
async function deployTwice(): Promise<void> {
  await createPipeline(setting, [{ targetId: "prod" }]);
  for (const release of ["r1", "r2"]) {
    await renderedRelease(setting, release);
    await createRollout(setting, { release, target: "prod" });
    await setting.clock.advance(JOB_MS);
  }
}

const BACK = { name: PIPELINE, targetId: "prod", rolloutId: "back-1" };

describe("RollbackTarget", () => {
  test("rolls out the release before, and both rollouts name each other", async () => {
    await deployTwice();
    const [{ rollbackConfig }] = await setting.client.rollbackTarget(BACK);
    const name = `${RELEASES}/r1/rollouts/back-1`;
    expect(rollbackConfig).toMatchObject({ startingPhaseId: "stable", rollout: { name } });
    await setting.clock.advance(JOB_MS);
    expect(await read(setting, name)).toMatchObject({
      state: "SUCCEEDED",
      rollbackOfRollout: `${RELEASES}/r2/rollouts/r2-to-prod`,
    });
    const rolledBack = await read(setting, `${PIPELINE}/releases/r2/rollouts/r2-to-prod`);
    expect(rolledBack.rolledBackByRollouts).toEqual([name]);
  });

  test("only says what it would do when asked to validate", async () => {
    await deployTwice();
    const [{ rollbackConfig }] = await setting.client.rollbackTarget({
      ...BACK,
      validateOnly: true,
      rollbackConfig: { rollout: { description: "alert" } },
    });
    const name = `${RELEASES}/r1/rollouts/back-1`;
    expect(rollbackConfig?.rollout).toMatchObject({ name, description: "alert", targetId: "prod" });
    expect(await statusOf(setting.client.getRollout({ name }))).toBe("NOT_FOUND");
  });

  test("takes the release and the starting phase that are asked for", async () => {
    await deployTwice();
    await renderedRelease(setting, "r3");
    await setting.client.rollbackTarget({ ...BACK, releaseId: "r3" });
    expect(await stateOf(setting, `${RELEASES}/r3/rollouts/back-1`)).toBe("IN_PROGRESS");
    const call = { ...BACK, rolloutId: "back-2", rollbackConfig: { startingPhaseId: "canary-1" } };
    expect(await statusOf(setting.client.rollbackTarget(call))).toBe("INVALID_ARGUMENT");
    const missing = { ...BACK, rolloutId: "back-3", releaseId: "r9" };
    expect(await statusOf(setting.client.rollbackTarget(missing))).toBe("NOT_FOUND");
  });

  test("is refused when a newer rollout is on the target than the one to roll back", async () => {
    await deployTwice();
    const stale = { ...BACK, rolloutToRollBack: "r1-to-prod" };
    expect(await statusOf(setting.client.rollbackTarget(stale))).toBe("FAILED_PRECONDITION");
    const latest = { ...BACK, rolloutToRollBack: `${RELEASES}/r2/rollouts/r2-to-prod` };
    expect(await statusOf(setting.client.rollbackTarget(latest))).toBe("OK");
  });

  test("with the same rollout id again is ALREADY_EXISTS", async () => {
    await deployTwice();
    await setting.client.rollbackTarget({ ...BACK, releaseId: "r1" });
    const again = setting.client.rollbackTarget({ ...BACK, releaseId: "r1" });
    expect(await statusOf(again)).toBe("ALREADY_EXISTS");
  });

  test("goes back to the last success when the latest rollout failed, and queues like any other", async () => {
    await deployTwice();
    await renderedRelease(setting, "r3");
    setting.server.failNextJob({ target: "prod", job: "deploy", message: "no" });
    await createRollout(setting, { release: "r3", target: "prod" });
    await setting.clock.advance(JOB_MS);
    await setting.client.rollbackTarget(BACK);
    expect(await stateOf(setting, `${RELEASES}/r2/rollouts/back-1`)).toBe("IN_PROGRESS");
  });

  test("passes over abandoned releases, and needs something to go back to", async () => {
    await deployTwice();
    await setting.client.abandonRelease({ name: `${PIPELINE}/releases/r1` });
    expect(await statusOf(setting.client.rollbackTarget(BACK))).toBe("FAILED_PRECONDITION");
  });

  test("is refused for a target of another pipeline, a bad id, a missing target and a suspended pipeline", async () => {
    await deployTwice();
    const { client } = setting;
    expect(await statusOf(client.rollbackTarget({ ...BACK, targetId: "dev" }))).toBe("NOT_FOUND");
    expect(await statusOf(client.rollbackTarget({ ...BACK, rolloutId: "Back" }))).toBe(
      "INVALID_ARGUMENT",
    );
    expect(await statusOf(client.rollbackTarget({ ...BACK, targetId: "" }))).toBe(
      "INVALID_ARGUMENT",
    );
    const deliveryPipeline = { name: PIPELINE, suspended: true };
    await client.updateDeliveryPipeline({ deliveryPipeline, updateMask: { paths: ["suspended"] } });
    expect(await statusOf(client.rollbackTarget(BACK))).toBe("FAILED_PRECONDITION");
  });

  test("waits for approval where the target requires it", async () => {
    await createPipeline(setting, [{ targetId: "prod" }], {
      prod: runTarget({ requireApproval: true }),
    });
    for (const release of ["r1", "r2"]) {
      await renderedRelease(setting, release);
      const name = await createRollout(setting, { release, target: "prod" });
      await setting.client.approveRollout({ name, approved: true });
      await setting.clock.advance(JOB_MS);
    }
    await setting.client.rollbackTarget(BACK);
    expect(await stateOf(setting, `${RELEASES}/r1/rollouts/back-1`)).toBe("PENDING_APPROVAL");
  });
});
