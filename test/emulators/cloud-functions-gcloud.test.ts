import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isMissing } from "../support/needs.ts";
import {
  creation,
  hello,
  NAME,
  openCloudFunctions,
  type Setting,
} from "./cloud-functions-setting.ts";

const run = promisify(execFile);

/** gcloud takes a second or two to start. */
const TEST_TIMEOUT_MS = 60_000;

const isSkipped = isMissing("gcloud", ["gcloud", "--version"]);

describe.skipIf(isSkipped)("gcloud functions", () => {
  let setting: Setting;
  let configFolder: string;

  beforeAll(async () => {
    configFolder = await mkdtemp(join(tmpdir(), "slipway-gcloud-"));
    setting = await openCloudFunctions();
    const [operation] = await setting.client.createFunction(
      creation(await setting.upload(hello("hello"))),
    );
    await operation.promise();
  });

  afterAll(async () => {
    await setting.close();
    await rm(configFolder, { recursive: true });
  });

  /** What a command prints, parsed. */
  async function gcloud(...words: readonly string[]): Promise<unknown> {
    const { stdout } = await run("gcloud", ["functions", ...words, "--format=json"], {
      env: {
        PATH: process.env["PATH"],
        CLOUDSDK_CONFIG: configFolder,
        CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDFUNCTIONS: `${setting.server.url}/`,
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS: "true",
        CLOUDSDK_CORE_PROJECT: "acme",
        CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
      },
    });
    return JSON.parse(stdout);
  }

  test("lists and describes what was created", { timeout: TEST_TIMEOUT_MS }, async () => {
    const expected = { name: NAME, state: "ACTIVE", environment: "GEN_2" };
    expect(await gcloud("list", "--v2", "--regions=us-central1")).toMatchObject([expected]);
    expect(await gcloud("describe", "hello", "--gen2", "--region=us-central1")).toMatchObject({
      ...expected,
      buildConfig: { entryPoint: "hello", runtime: "nodejs24" },
      serviceConfig: {
        availableMemory: "512Mi",
        environmentVariables: { GREETED: "world" },
        serviceAccountEmail: "slipway-run@acme.iam.gserviceaccount.com",
      },
      url: "https://us-central1-acme.cloudfunctions.net/hello",
    });
  });
});
