import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Runtime } from "../../emulators/kit/runtime.ts";
import {
  createPipeline,
  createRollout,
  JOB_MS,
  openCloudDeploy,
  phasesOf,
  read,
  renderedRelease,
  type Setting,
  type Stage,
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

const AUTOMATIC = { cloudRun: { automaticTrafficControl: true } };

const CANARY: Stage = {
  targetId: "prod",
  strategy: {
    canary: {
      runtimeConfig: AUTOMATIC,
      canaryDeployment: { percentages: [10, 50] },
    },
  },
};

const SKIPPED_10 = "canary-10: SKIPPED (deploy SKIPPED)";
const SKIPPED_50 = "canary-50: SKIPPED (deploy SKIPPED)";
const STABLE_DONE = "stable: SUCCEEDED (deploy SUCCEEDED)";

/** A first release in production, and a second that is rendered. */
async function deployOnce(stage: Stage): Promise<void> {
  await createPipeline(setting, [stage]);
  await renderedRelease(setting, "r1");
  const name = await createRollout(setting, { release: "r1", target: "prod" });
  await setting.clock.advance(JOB_MS);
  expect(await stateOf(setting, name)).toBe("SUCCEEDED");
  await renderedRelease(setting, "r2");
}

describe("a canary", () => {
  test("skips to stable the first time, with a message that says why", async () => {
    await createPipeline(setting, [CANARY]);
    await renderedRelease(setting, "r1");
    const name = await createRollout(setting, { release: "r1", target: "prod" });
    await setting.clock.advance(JOB_MS);
    expect(await phasesOf(setting, name)).toEqual([SKIPPED_10, SKIPPED_50, STABLE_DONE]);
    const { phases } = await read(setting, name);
    expect(phases?.[0]?.skipMessage).toContain("nothing was deployed to the target before");
    expect(setting.deploys.map(({ percentage }) => percentage)).toEqual([100]);
  });

  test("goes from phase to phase only when it is advanced, each with its share of the traffic", async () => {
    await deployOnce(CANARY);
    const name = await createRollout(setting, { release: "r2", target: "prod" });
    await setting.clock.advance(60 * 60_000);
    expect(await stateOf(setting, name)).toBe("IN_PROGRESS");
    expect(await phasesOf(setting, name)).toEqual([
      "canary-10: SUCCEEDED (deploy SUCCEEDED)",
      "canary-50: PENDING (deploy PENDING)",
      "stable: PENDING (deploy PENDING)",
    ]);
    await setting.client.advanceRollout({ name, phaseId: "canary-50" });
    await setting.clock.advance(JOB_MS);
    await setting.client.advanceRollout({ name, phaseId: "stable" });
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, name)).toBe("SUCCEEDED");
    expect(setting.deploys.map(({ percentage }) => percentage)).toEqual([100, 10, 50, 100]);
  });

  test("is advanced to the next phase only, once the one before is done", async () => {
    await deployOnce(CANARY);
    const name = await createRollout(setting, { release: "r2", target: "prod" });
    async function advance(phaseId: string): Promise<string> {
      return statusOf(setting.client.advanceRollout({ name, phaseId }));
    }
    expect(await advance("canary-10")).toBe("FAILED_PRECONDITION");
    expect(await advance("canary-50")).toBe("FAILED_PRECONDITION");
    await setting.clock.advance(JOB_MS);
    expect(await advance("canary-10")).toBe("FAILED_PRECONDITION");
    expect(await advance("stable")).toBe("FAILED_PRECONDITION");
    expect(await advance("canary-50")).toBe("OK");
    expect(await advance("canary-50")).toBe("FAILED_PRECONDITION");
  });

  test("keeps its target while it waits to be advanced, and aborts the phases left when cancelled", async () => {
    await deployOnce(CANARY);
    await renderedRelease(setting, "r3");
    const name = await createRollout(setting, { release: "r2", target: "prod" });
    const next = await createRollout(setting, { release: "r3", target: "prod" });
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, next)).toBe("PENDING");
    await setting.client.cancelRollout({ name });
    await setting.clock.advance(JOB_MS);
    expect(await phasesOf(setting, name)).toEqual([
      "canary-10: SUCCEEDED (deploy SUCCEEDED)",
      "canary-50: ABORTED (deploy ABORTED)",
      "stable: ABORTED (deploy ABORTED)",
    ]);
    expect(await stateOf(setting, next)).toBe("IN_PROGRESS");
  });

  test("starts at the phase asked for, and refuses one it does not have", async () => {
    await deployOnce(CANARY);
    const where = { release: "r2", target: "prod" };
    expect(await statusOf(createRollout(setting, where, "canary-20"))).toBe("INVALID_ARGUMENT");
    const name = await createRollout(setting, where, "canary-50");
    await setting.clock.advance(JOB_MS);
    expect(await phasesOf(setting, name)).toEqual([
      SKIPPED_10,
      "canary-50: SUCCEEDED (deploy SUCCEEDED)",
      "stable: PENDING (deploy PENDING)",
    ]);
  });

  test("fails when the service whose traffic it would split has gone", async () => {
    await setting.close();
    const runtime: Runtime = {
      isThere: () => false,
      changeImage: () => ({}),
      sendToLatest: () => undefined,
      deploy: () => ({
        service: "projects/p/locations/l/services/api",
        revision: "api-1",
        serviceUrls: [],
      }),
    };
    setting = await openCloudDeploy({ runtime });
    await deployOnce(CANARY);
    const name = await createRollout(setting, { release: "r2", target: "prod" });
    await setting.clock.advance(JOB_MS);
    expect(await stateOf(setting, name)).toBe("FAILED");
    const [jobRuns] = await setting.client.listJobRuns({ parent: name, filter: 'jobId="deploy"' });
    expect(jobRuns[0]?.deployJobRun?.failureMessage).toContain("no traffic to split");
  });
});
