import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildImage } from "../../infra/local/image.ts";
import { writeImageLayout } from "../support/image-shapes.ts";
import type { CloudAccess } from "../../emulators/kit/access/cloud-access.ts";
import { OWNER } from "../../infra/local/account-roles.ts";
import { FIRST_SAMPLE } from "../../infra/local/sample-image.ts";
import { accountsOf } from "../../infra/local/install.ts";
import { makeResources } from "../../infra/local/sample-resources.ts";
import type { ResourceEndpoints } from "../../infra/local/sample-resources.ts";
import { makeSecrets } from "../../infra/local/sample-secrets.ts";
import { GCLOUD_AUDIENCE, LOCAL_PEOPLE, LOCAL_PROJECT } from "../../infra/local/settings.ts";
import type { LocalRole } from "../../infra/local/settings.ts";
import { needsIn } from "../../infra/platform/preflight/permissions.ts";
import { projectsOf } from "../../infra/platform/settings.ts";
import type { Settings } from "../../infra/platform/settings.ts";
import { imageUrl, openLocalWorld } from "../support/local-world.ts";
import type { LocalWorld } from "../support/local-world.ts";
import { isMissing } from "../support/needs.ts";
import {
  grantTo,
  makeAccounts,
  sampleServices,
  SERVICES,
  settingsOf,
  specsOfSamples,
} from "../support/platform/sample-installation.ts";
import { present } from "../support/present.ts";
import { until } from "../support/until.ts";
import { cliIn } from "./cli-setting.ts";

const run = promisify(execFile);

const TAG = "dddddddddd4d_7";
const DANA = `user:${LOCAL_PEOPLE.deployer}`;
const TIMEOUT_MS = 120_000;
const SERVICE = FIRST_SAMPLE.service;
const IMAGE = FIRST_SAMPLE.image;

/** Who owns the projects in which services run. */
const OTHERS = "user:ops@example.com";

const hasNoTools =
  isMissing("skopeo", ["skopeo", "--version"]) || isMissing("curl", ["curl", "--version"]);

describe.skipIf(hasNoTools)("from an empty project to production, as the guide says", () => {
  let world: LocalWorld;
  let access: CloudAccess;
  let folder: string;
  let settings: Settings;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "slipway-install-"));
    world = await openLocalWorld({ isSignedOut: true, isEmpty: true });
    access = present(world.cloud.access, "what checks the callers");
  });

  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  /** What a command prints that is run in the world's folder and must end well. */
  async function slipway(...words: readonly string[]): Promise<string> {
    const { code, out, err } = await cliIn(world.directory)(words);
    expect(code, `slipway ${words.join(" ")}\n${out}${err}`).toBe(0);
    return out;
  }

  /** Does what the owners of the environments do. */
  async function asOthers(work: () => Promise<void>): Promise<void> {
    for (const { project } of settings.environments) {
      grantTo(access, OTHERS, { on: `projects/${project}`, roles: ["roles/owner"] });
    }
    access.use({ anonymous: OTHERS });
    await work();
    access.use({ anonymous: DANA });
  }

  /** The file that `install init` writes, filled in. */
  async function fillIn(): Promise<string> {
    const path = join(world.directory, "slipway.yaml");
    const text = await readFile(path, "utf8");
    const filled = text
      .replace("services: []", `services: [${relative(world.directory, SERVICES)}]`)
      .replace("deployers: []", `deployers: ["${DANA}"]`)
      .replace("viewers: []", `viewers: ["user:${LOCAL_PEOPLE.viewer}"]`)
      .replace("audiences: []", `audiences: ["${world.file.api}"]`);
    await writeFile(path, filled);
    return filled;
  }

  test("install plan and apply, and a second plan is empty", { timeout: TIMEOUT_MS }, async () => {
    await slipway("install", "init", LOCAL_PROJECT);
    settings = settingsOf(await fillIn());
    await makeAccounts(world, accountsOf(settings));
    await asOthers(async () => {
      const endpoints = endpointsOf(world);
      const secretManager = present(world.file.endpoints["secretManager"], "secretManager");
      await Promise.all([
        ...sampleServices().map(async (service) => makeResources(endpoints, service)),
        ...specsOfSamples().map(async (spec) => makeSecrets(secretManager, spec)),
      ]);
    });
    // From here on who installs may do what the guide asks for, and nothing else.
    for (const project of projectsOf(settings)) {
      const roles = new Set(needsIn(settings, project).map(({ role }) => role));
      const bindings = [...roles].map((role) => ({ role, members: [OWNER] }));
      access.policies.set(`projects/${project}`, { bindings });
    }
    const planned = await slipway("install", "plan");
    expect(planned).toMatch(/^\d+ to create/m);
    expect(await slipway("install", "apply")).toContain("Slipway is installed.");
    expect(await slipway("install", "plan")).toMatch(/^\d+ unchanged\.$/m);
  });

  test("apply of the services, by somebody with the roles of the guide", async () => {
    for (const [on, roles] of applying(settings)) {
      grantTo(access, DANA, { on, roles });
    }
    const out = await slipway("apply", SERVICES);
    expect(out).toContain(`${SERVICE}: `);
    // Those roles show whether all is there that the files name.
    expect(out).not.toContain("it is not known");
  });

  /** What the API answers curl, with a token as gcloud gives it to a person. */
  async function curl(who: LocalRole, ...words: readonly string[]): Promise<string> {
    const [path = "", ...rest] = words;
    const token = await world.cloud.emulators.identity.mint({
      email: LOCAL_PEOPLE[who],
      audience: GCLOUD_AUDIENCE,
    });
    const options = ["--silent", "--show-error", "--header", `Authorization: Bearer ${token}`];
    const { stdout } = await run("curl", [...options, ...rest, `${world.file.api}/v1/${path}`]);
    return stdout;
  }

  /** Waits until so many environments run the image. */
  async function runsIn(count: number): Promise<void> {
    await until(
      `${TAG} runs in ${count} environments`,
      async () => curl("viewer", `services/${SERVICE}`),
      (text) => text.split(`"tag":"${TAG}"`).length > count,
    );
  }

  test("a push by skopeo and a promotion by curl, all through the front", async () => {
    await writeImageLayout(folder, await buildImage({ env: { VERSION: TAG } }), TAG);
    const { access_token: token } = world.cloud.emulators.identity.accessToken(
      LOCAL_PEOPLE.deployer,
    );
    access.recording().reset();
    const target = imageUrl(world.file, IMAGE).replace("http://", "docker://");
    await run("skopeo", [
      "copy",
      "--dest-tls-verify=false",
      `--dest-creds=oauth2accesstoken:${token}`,
      `oci:${folder}:${TAG}`,
      `${target}:${TAG}`,
    ]);
    await runsIn(1);
    const promotion = await curl(
      "deployer",
      `services/${SERVICE}/environments/prod:promote`,
      "--header",
      "Content-Type: application/json",
      "--data",
      '{"reason": "it works in dev"}',
    );
    expect(JSON.parse(promotion)).toMatchObject({ environment: "prod" });
    await runsIn(2);
    const { refused } = access.recording();
    expect(refused.filter(({ member }) => member?.includes(":slipway-") === true)).toEqual([]);
    expect(await slipway("install", "plan")).toMatch(/^\d+ unchanged\.$/m);
  });

  test("doctor finds it well, and sees a push arrive", async () => {
    const lines = (await slipway("doctor")).trimEnd().split("\n");
    expect(lines.filter((line) => !line.startsWith("well "))).toEqual([]);
    expect(lines.at(-1)).toMatch(/ was seen after \d+\.\d s$/);
  });
});

type Where = readonly [on: string, roles: readonly string[]];

/** What who applies specifications needs, as docs/guides/cli.md says. */
function applying({ project, environments, mentioned }: Settings): readonly Where[] {
  const plans = mentioned.backupPlans.map((plan) => plan.split("/").slice(0, 2).join("/"));
  return [
    ...plans.map((on): Where => [on, ["roles/gkebackup.viewer"]]),
    [`projects/${project}`, ["roles/clouddeploy.admin"]],
    [`projects/_/buckets/${project}-sources`, ["roles/storage.admin"]],
    [
      `projects/${project}/serviceAccounts/slipway-deploy@${project}.iam.gserviceaccount.com`,
      ["roles/iam.serviceAccountUser"],
    ],
    [
      `projects/${project}/locations/us-central1/repositories/apps`,
      ["roles/artifactregistry.writer"],
    ],
    ...environments.map(({ project: own, cloudSql }): Where => [
      `projects/${own}`,
      [
        "roles/run.viewer",
        "roles/monitoring.editor",
        "roles/iam.serviceAccountViewer",
        "roles/secretmanager.viewer",
        ...(cloudSql ? ["roles/cloudsql.viewer"] : []),
      ],
    ]),
  ];
}

function endpointsOf({ file }: LocalWorld): ResourceEndpoints {
  const at = (name: string): string => present(file.endpoints[name], name);
  return {
    cloudSql: at("cloudSql"),
    gkeBackup: at("gkeBackup"),
    cloudRun: at("cloudRun"),
    monitoring: at("monitoring"),
    loadBalancer: at("loadBalancer"),
  };
}
