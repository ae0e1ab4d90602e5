import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing } from "../support/needs.ts";

import {
  createApi,
  openCloudRun,
  readApi,
  type Setting,
  template,
  updateApi,
} from "./cloud-run-setting.ts";

const run = promisify(execFile);

/** gcloud takes a second or two to start. */
const TEST_TIMEOUT_MS = 60_000;

const isSkipped = isMissing("gcloud", ["gcloud", "--version"]);

/** What every revision shows: which of its service's it is. */
function numbered(number: string): object {
  return { metadata: { labels: { "serving.knative.dev/configurationGeneration": number } } };
}

describe.skipIf(isSkipped)("gcloud run", () => {
  let setting: Setting;
  let configFolder: string;

  beforeAll(async () => {
    configFolder = await mkdtemp(join(tmpdir(), "slipway-gcloud-"));
    setting = await openCloudRun();
    await createApi(setting, { template: template(setting.registry.push("1", "a")) });
    await updateApi(setting, { template: template(setting.registry.push("2", "b")) });
  });

  afterAll(async () => {
    await setting.close();
    await rm(configFolder, { recursive: true });
  });

  /**
   * What a command prints, parsed. gcloud puts the region before the host's name, so the emulator
   * has a name here and is its own proxy; without a region the plain address does.
   */
  async function gcloud(...words: readonly string[]): Promise<unknown> {
    const { stdout } = await run("gcloud", ["run", ...words, "--format=json"], {
      env: {
        PATH: process.env["PATH"],
        CLOUDSDK_CONFIG: configFolder,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN: "http://run.googleapis.com/",
        http_proxy: setting.server.url,
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
        CLOUDSDK_CORE_PROJECT: "acme-prod",
        CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
      },
    });
    return JSON.parse(stdout);
  }

  test("lists the services of all regions, and of one", { timeout: TEST_TIMEOUT_MS }, async () => {
    const expected = [{ metadata: { name: "api", namespace: "acme-prod" } }];
    expect(await gcloud("services", "list")).toMatchObject(expected);
    expect(await gcloud("services", "list", "--region=us-central1")).toMatchObject(expected);
    expect(await gcloud("services", "list", "--region=europe-west1")).toEqual([]);
  });

  test("describes a service with what it serves", { timeout: TEST_TIMEOUT_MS }, async () => {
    const { uri, latestReadyRevision } = await readApi(setting);
    const described = await gcloud("services", "describe", "api", "--region=us-central1");
    const revisionName = latestReadyRevision?.split("/").at(-1);
    expect(described).toMatchObject({
      status: {
        url: uri,
        latestReadyRevisionName: revisionName,
        traffic: [{ revisionName, percent: 100, latestRevision: true }],
      },
    });
  });

  test("lists the revisions of a service, newest first", { timeout: TEST_TIMEOUT_MS }, async () => {
    const listed = await gcloud("revisions", "list", "--service=api", "--region=us-central1");
    expect(listed).toMatchObject([numbered("2"), numbered("1")]);
    expect(await gcloud("revisions", "list", "--service=none", "--region=us-central1")).toEqual([]);
  });
});
