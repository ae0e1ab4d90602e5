import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing } from "../support/needs.ts";

import {
  createPlan,
  openGkeBackup,
  PLAN,
  type Setting,
  takeBackup,
  writeContent,
} from "./gke-backup-setting.ts";

const run = promisify(execFile);

/** gcloud takes a second or two to start. */
const TEST_TIMEOUT_MS = 60_000;

const COMMAND = ["beta", "container", "backup-restore"] as const;
const isSkipped = isMissing("gcloud beta", ["gcloud", ...COMMAND, "--help"]);

describe.skipIf(isSkipped)("gcloud container backup-restore", () => {
  let setting: Setting;
  let configFolder: string;

  beforeAll(async () => {
    configFolder = await mkdtemp(join(tmpdir(), "slipway-gcloud-"));
    setting = await openGkeBackup();
    await createPlan(setting);
    await writeContent(setting, "api", "v1");
    await takeBackup(setting, "one", { description: "by hand" });
  });

  afterAll(async () => {
    await setting.close();
    await rm(configFolder, { recursive: true });
  });

  /** What a command prints, parsed. */
  async function gcloud(...words: readonly string[]): Promise<unknown> {
    const args = [...COMMAND, ...words, "--location=us-central1", "--format=json"];
    const { stdout } = await run("gcloud", args, {
      env: {
        PATH: process.env["PATH"],
        CLOUDSDK_CONFIG: configFolder,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_GKEBACKUP: `${setting.server.url}/`,
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
        CLOUDSDK_CORE_PROJECT: "acme-prod",
        CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
      },
    });
    return JSON.parse(stdout);
  }

  test("lists backups and describes a plan", { timeout: TEST_TIMEOUT_MS }, async () => {
    expect(await gcloud("backups", "list", "--backup-plan=daily")).toMatchObject([
      { name: `${PLAN}/backups/one`, state: "SUCCEEDED", description: "by hand" },
    ]);
    expect(await gcloud("backup-plans", "describe", "daily")).toMatchObject({
      name: PLAN,
      state: "READY",
    });
  });
});
