import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startArtifactRegistry } from "../../../emulators/artifact-registry/server.ts";
import { startCloudBilling } from "../../../emulators/cloud-billing/server.ts";
import { startCloudFunctions } from "../../../emulators/cloud-functions/server.ts";
import { startCloudRun } from "../../../emulators/cloud-run/server.ts";
import { startFirestore } from "../../../emulators/firestore/server.ts";
import { startGkeBackup } from "../../../emulators/gke-backup/server.ts";
import { startIam } from "../../../emulators/iam/server.ts";
import { startIdentity } from "../../../emulators/identity/server.ts";
import { createCloudAccess } from "../../../emulators/kit/access/cloud-access.ts";
import type { CloudAccess } from "../../../emulators/kit/access/cloud-access.ts";
import { realClock } from "../../../emulators/kit/clock.ts";
import { knownProjects } from "../../../emulators/kit/projects.ts";
import { startMonitoring } from "../../../emulators/monitoring/server.ts";
import { startPubsub } from "../../../emulators/pubsub/server.ts";
import type { RunningPubsub } from "../../../emulators/pubsub/server.ts";
import { startResourceManager } from "../../../emulators/resource-manager/server.ts";
import { startScheduler } from "../../../emulators/scheduler/server.ts";
import { startSecretManager } from "../../../emulators/secret-manager/server.ts";
import { startServiceUsage } from "../../../emulators/service-usage/server.ts";
import { startStorage } from "../../../emulators/storage/server.ts";
import { readLock } from "../../../infra/build/lock.ts";
import { manifestFiles } from "../../../infra/build/manifest.ts";
import { needsIn } from "../../../infra/platform/preflight/permissions.ts";
import { projectsOf } from "../../../infra/platform/settings.ts";
import type { Settings } from "../../../infra/platform/settings.ts";
import { FUNCTION_NAMES } from "../../../functions/names.ts";
import type { Endpoints } from "../../../infra/platform/kinds/google.ts";

/** Who installs in the tests, and may do everything. */
export const INSTALLER = "user:ann@example.com";

/** Google's cloud as far as an installation needs it: projects with nothing in them, and everybody's rights judged. */
export type GoogleCloud = {
  readonly endpoints: Endpoints;
  readonly access: CloudAccess;
  readonly pubsub: RunningPubsub;
  /** A folder with functions that answer their names. */
  readonly deployable: string;
  readonly close: () => Promise<void>;
};

const ROOT = new URL("../../../", import.meta.url);

/**
 * Starts it with the projects of an installation, of which nobody pays for some; who installs has the roles that it
 * asks for, and no other.
 */
export async function startGoogleCloud(
  settings: Settings,
  unpaid: readonly string[] = [],
): Promise<GoogleCloud> {
  const clock = realClock();
  const access = createCloudAccess();
  access.use({ identify: () => ({ member: INSTALLER }) });
  const projects = knownProjects([
    ...projectsOf(settings).map((projectId) => ({
      projectId,
      billingAccount: unpaid.includes(projectId) ? null : undefined,
    })),
    { projectId: "acme-unpaid", billingAccount: null },
    { projectId: "acme-others" },
  ]);
  for (const { projectId } of projects.all()) {
    const roles = new Set(needsIn(settings, projectId).map(({ role }) => role));
    const bindings = [...roles].map((role) => ({ role, members: [INSTALLER] }));
    access.policies.set(`projects/${projectId}`, { bindings });
  }
  const options = { clock, access };
  const scratch = await mkdtemp(join(tmpdir(), "slipway-install-"));
  const functions = await startCloudFunctions({
    clock,
    modules: fileURLToPath(new URL("node_modules", ROOT)),
    path: process.env["PATH"],
    projects: Object.fromEntries(projects.all().map((one) => [one.projectId, one.number])),
  });
  const isFunction = (name: string): boolean =>
    functions.isDeployed(name.replace("/services/", "/functions/"));
  const [iam, resourcemanager, serviceusage, billing, identity] = await Promise.all([
    startIam({ ...options, projects }),
    startResourceManager({ ...options, projects }),
    startServiceUsage({
      ...options,
      projects,
      enabled: ["serviceusage.googleapis.com"],
      enabledIn: apisOfOthers(settings),
    }),
    startCloudBilling({ ...options, projects }),
    startIdentity({ groups: [{ email: "eng@example.com", members: [] }] }),
  ]);
  const pubsub = await startPubsub(options);
  const publisher = pubsub.publisher;
  const [
    gkebackup,
    firestore,
    storage,
    monitoring,
    scheduler,
    secretmanager,
    run,
    artifactregistry,
  ] = await Promise.all([
    startGkeBackup(options),
    startFirestore(options),
    startStorage(options),
    startMonitoring({ ...options, publisher }),
    startScheduler({ ...options, publisher }),
    startSecretManager(options),
    startCloudRun({ ...options, isFunction }),
    startArtifactRegistry({
      ...options,
      repositories: settings.registries.map(({ project, location, repository }) => ({
        name: `projects/${project}/locations/${location}/repositories/${repository}`,
      })),
    }),
  ]);
  const servers = {
    functions,
    gkebackup,
    iam,
    resourcemanager,
    serviceusage,
    billing,
    identity,
    pubsub,
    firestore,
    storage,
    monitoring,
    scheduler,
    secretmanager,
    run,
    artifactregistry,
  };
  const urls = Object.entries(servers).map(([name, { url }]) => [name, url] as const);
  return {
    // What an organization forbids is not emulated: it cannot be read, as by whoever may not.
    endpoints: { ...Object.fromEntries(urls), orgpolicy: resourcemanager.url },
    access,
    pubsub,
    deployable: await writeDeployable(scratch),
    close: async () => {
      await Promise.all(Object.values(servers).map((server) => server.close()));
      await rm(scratch, { recursive: true, force: true });
    },
  };
}

/** What others made before is behind APIs that are on. */
function apisOfOthers({ registries, environments }: Settings): Record<string, readonly string[]> {
  const behind = [
    ...registries.map(({ project }) => [project, "artifactregistry.googleapis.com"] as const),
    ...environments.flatMap(({ project }) =>
      ["gkebackup", "iam", "run", "secretmanager"].map(
        (api) => [project, `${api}.googleapis.com`] as const,
      ),
    ),
  ];
  const all = [...behind, ["acme-others", "storage.googleapis.com"] as const];
  return Object.fromEntries(
    [...Map.groupBy(all, ([project]) => project)].map(([project, same]) => [
      project,
      same.map(([, api]) => api),
    ]),
  );
}

/** What a build leaves, with functions that do nothing but answer. */
async function writeDeployable(scratch: string): Promise<string> {
  const folder = join(scratch, "deploy");
  await mkdir(folder);
  const lock = readLock(readFileSync(new URL("package-lock.json", ROOT), "utf8"));
  const files = {
    ...manifestFiles({ lock, version: "1.0.0", sources: "" }),
    "index.js": [
      'import { http } from "@google-cloud/functions-framework";',
      `for (const name of ${JSON.stringify(FUNCTION_NAMES)}) {`,
      "  http(name, (_request, response) => response.send(name));",
      "}",
    ].join("\n"),
    "fill-compile-cache.js": "",
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
  }
  return folder;
}
