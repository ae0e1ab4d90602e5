import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing } from "../support/needs.ts";

import {
  createInstance,
  openCloudSql,
  PROJECT,
  type Setting,
  takeBackup,
} from "./cloud-sql-setting.ts";

const run = promisify(execFile);

/** gcloud takes a second or two to start. */
const TEST_TIMEOUT_MS = 60_000;

const isSkipped = isMissing("gcloud", ["gcloud", "--version"]);

describe.skipIf(isSkipped)("gcloud sql", () => {
  let setting: Setting;
  let configFolder: string;

  beforeAll(async () => {
    configFolder = await mkdtemp(join(tmpdir(), "slipway-gcloud-"));
    setting = await openCloudSql();
    await createInstance(setting, "orders");
    await takeBackup(setting, "by hand");
  });

  afterAll(async () => {
    await setting.close();
    await rm(configFolder, { recursive: true });
  });

  /** What a command prints, parsed. */
  async function gcloud(...words: readonly string[]): Promise<unknown> {
    const { stdout } = await run("gcloud", ["sql", ...words, "--format=json"], {
      env: {
        PATH: process.env["PATH"],
        CLOUDSDK_CONFIG: configFolder,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL: `${setting.server.url}/`,
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
        CLOUDSDK_CORE_PROJECT: PROJECT,
        CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
      },
    });
    return JSON.parse(stdout);
  }

  test("lists instances and backups", { timeout: TEST_TIMEOUT_MS }, async () => {
    expect(await gcloud("instances", "list")).toMatchObject([
      { name: "orders", state: "RUNNABLE", databaseVersion: "POSTGRES_16" },
    ]);
    expect(await gcloud("backups", "list", "--instance=orders")).toMatchObject([
      { description: "by hand", status: "SUCCESSFUL", type: "ON_DEMAND" },
    ]);
  });

  test("takes a backup, once at a time", { timeout: TEST_TIMEOUT_MS }, async () => {
    const words = ["backups", "create", "--instance=orders", "--description=from gcloud"];
    expect(await gcloud(...words, "--async")).toMatchObject({
      operationType: "BACKUP_VOLUME",
      status: "PENDING",
    });
    await expect(gcloud(...words, "--async")).rejects.toThrow(
      "HTTPError 409: Operation failed because another operation was already in progress.",
    );
  });
});
