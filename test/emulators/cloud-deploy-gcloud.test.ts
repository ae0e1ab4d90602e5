import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing } from "../support/needs.ts";

import {
  createPipeline,
  createRollout,
  JOB_MS,
  openCloudDeploy,
  renderedRelease,
  runTarget,
  type Setting,
  stateOf,
} from "./cloud-deploy-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

const run = promisify(execFile);

/** gcloud takes a second or two to start, and there are a dozen calls. */
const TEST_TIMEOUT_MS = 60_000;

const isSkipped = isMissing("gcloud", ["gcloud", "--version"]);

describe.skipIf(isSkipped)("gcloud deploy", () => {
  let setting: Setting;
  let configFolder: string;

  beforeAll(async () => {
    configFolder = await mkdtemp(join(tmpdir(), "slipway-gcloud-"));
    setting = await openCloudDeploy();
    await createPipeline(
      setting,
      [
        { targetId: "dev" },
        {
          targetId: "prod",
          strategy: {
            canary: {
              runtimeConfig: { cloudRun: { automaticTrafficControl: true } },
              canaryDeployment: { percentages: [50] },
            },
          },
        },
      ],
      { prod: runTarget({ requireApproval: true }) },
    );
  });

  afterAll(async () => {
    await setting.close();
    await rm(configFolder, { recursive: true });
  });

  /** What a command prints, parsed. */
  async function gcloud(...words: readonly string[]): Promise<unknown> {
    const { stdout } = await run(
      "gcloud",
      ["deploy", ...words, "--region=us-central1", "--format=json"],
      {
        env: {
          PATH: process.env["PATH"],
          CLOUDSDK_CONFIG: configFolder,
          CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDDEPLOY: `${setting.server.url}/`,
          CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
          CLOUDSDK_CORE_PROJECT: "acme",
          CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
          CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
          CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
        },
      },
    );
    return stdout.trim() === "" ? undefined : JSON.parse(stdout);
  }

  const inPipeline = "--delivery-pipeline=api";
  const prodRollout = "r2-to-prod-0001";

  test(
    "lists, describes, promotes, approves, advances and cancels",
    { timeout: TEST_TIMEOUT_MS },
    async () => {
      await renderedRelease(setting, "r1");
      await createRollout(setting, { release: "r1", target: "dev" });
      await setting.clock.advance(JOB_MS);
      const first = await createRollout(setting, { release: "r1", target: "prod" });
      await setting.client.approveRollout({ name: first, approved: true });
      await setting.clock.advance(JOB_MS);
      expect(await stateOf(setting, first)).toBe("SUCCEEDED");
      await renderedRelease(setting, "r2");
      const dev = await createRollout(setting, { release: "r2", target: "dev" });
      await setting.clock.advance(JOB_MS);
      expect(await stateOf(setting, dev)).toBe("SUCCEEDED");

      const [targets, pipeline, releases, release] = await Promise.all([
        gcloud("targets", "list"),
        gcloud("delivery-pipelines", "describe", "api"),
        gcloud("releases", "list", inPipeline),
        gcloud("releases", "describe", "r2", inPipeline),
      ]);
      expect(targets).toMatchObject({ targets: [{ targetId: "dev" }, { targetId: "prod" }] });
      expect(JSON.stringify(pipeline)).toContain("r2-to-dev");
      expect(releases).toMatchObject([{ renderState: "SUCCEEDED" }, { renderState: "SUCCEEDED" }]);
      expect(JSON.stringify(release)).toContain("/releases/r2");

      await gcloud("releases", "promote", "--release=r2", inPipeline);
      const name = `projects/acme/locations/us-central1/deliveryPipelines/api/releases/r2/rollouts/${prodRollout}`;
      expect(await stateOf(setting, name)).toBe("PENDING_APPROVAL");
      await gcloud("rollouts", "approve", prodRollout, "--release=r2", inPipeline);
      await setting.clock.advance(JOB_MS);
      expect(await stateOf(setting, name)).toBe("IN_PROGRESS");
      await gcloud("rollouts", "advance", prodRollout, "--release=r2", inPipeline);
      const rollouts = await gcloud("rollouts", "list", "--release=r2", inPipeline);
      expect(rollouts).toMatchObject([{ state: "SUCCEEDED" }, { state: "IN_PROGRESS" }]);
      await gcloud("rollouts", "cancel", prodRollout, "--release=r2", inPipeline);
      await setting.clock.advance(JOB_MS);
      const described = await gcloud(
        "rollouts",
        "describe",
        prodRollout,
        "--release=r2",
        inPipeline,
      );
      expect(described).toMatchObject({
        state: "CANCELLED",
        phases: [
          { id: "canary-50", state: "SUCCEEDED" },
          { id: "stable", state: "ABORTED" },
        ],
      });
    },
  );
});
