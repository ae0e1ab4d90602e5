import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startResourceManager } from "../../emulators/resource-manager/server.ts";
import { startServiceUsage } from "../../emulators/service-usage/server.ts";
import { isMissing } from "../support/needs.ts";
import { type IamSetting, openIam, PROJECTS } from "./iam-setting.ts";

process.env["METADATA_SERVER_DETECTION"] = "none";

const run = promisify(execFile);

/** gcloud takes a second or two to start. */
const TEST_TIMEOUT_MS = 60_000;

const isSkipped = isMissing("gcloud", ["gcloud", "--version"]);

describe.skipIf(isSkipped)("gcloud", () => {
  let setting: IamSetting;
  let folder: string;
  let endpoints: Readonly<Record<string, string>>;
  let close: () => Promise<unknown>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-gcloud-"));
    await writeFile(join(folder, "token"), "ann");
    setting = await openIam();
    const { clock, access, iam } = setting;
    const options = { clock, access, projects: PROJECTS };
    const manager = await startResourceManager(options);
    const usage = await startServiceUsage({ ...options, enabled: ["run.googleapis.com"] });
    endpoints = {
      CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM: `${iam.url}/`,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER: `${manager.url}/`,
      CLOUDSDK_API_ENDPOINT_OVERRIDES_SERVICEUSAGE: `${usage.url}/`,
    };
    close = async () => Promise.all([iam, manager, usage].map((server) => server.close()));
  });

  afterAll(async () => {
    await close();
    await rm(folder, { recursive: true });
  });

  /** What a command prints, parsed. The token is read from a file, as the guide says. */
  async function gcloud(...words: readonly string[]): Promise<unknown> {
    const { stdout } = await run("gcloud", [...words, "--format=json"], {
      env: {
        ...endpoints,
        PATH: process.env["PATH"],
        CLOUDSDK_CONFIG: folder,
        CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: join(folder, "token"),
        CLOUDSDK_CORE_PROJECT: "acme",
        CLOUDSDK_CORE_DISABLE_PROMPTS: "1",
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: "true",
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: "true",
      },
    });
    return stdout.trim() === "" ? undefined : JSON.parse(stdout);
  }

  test(
    "reads accounts, roles, policies and APIs, and binds a role",
    { timeout: TEST_TIMEOUT_MS },
    async () => {
      await gcloud("iam", "service-accounts", "create", "slipway-run", "--display-name=Runs");
      const email = "slipway-run@acme.iam.gserviceaccount.com";
      const [accounts, account, role, enabled] = await Promise.all([
        gcloud("iam", "service-accounts", "list"),
        gcloud("iam", "service-accounts", "describe", email),
        gcloud("iam", "roles", "describe", "roles/run.invoker"),
        gcloud("services", "list", "--enabled"),
      ]);
      expect(accounts).toMatchObject([account]);
      expect(account).toMatchObject({ email, displayName: "Runs" });
      expect(role).toMatchObject({ includedPermissions: ["run.jobs.run", "run.routes.invoke"] });
      expect(enabled).toMatchObject([{ config: { name: "run.googleapis.com" }, state: "ENABLED" }]);
      const member = `serviceAccount:${email}`;
      const binding = [`--member=${member}`, "--role=roles/run.invoker", "--condition=None"];
      await gcloud("projects", "add-iam-policy-binding", "acme", ...binding);
      expect(await gcloud("projects", "get-iam-policy", "acme")).toMatchObject({
        bindings: [
          { role: "roles/owner", members: ["user:ann@example.com"] },
          { role: "roles/run.invoker", members: [member] },
        ],
      });
    },
  );
});
