import { setTimeout as sleep } from "node:timers/promises";
import { FUNCTION_NAMES } from "../../functions/register.ts";
import { DEPLOYABLE } from "../build/current.ts";
import { VERSION } from "../cli/version.ts";
import { defaultSourcesBucket } from "../plan/installation.ts";
import { placeService } from "../plan/place-service.ts";
import { readDeployable } from "../platform/deployable.ts";
import { applyInstallation, planInstallation } from "../platform/installer.ts";
import type { Installer } from "../platform/installer.ts";
import { googleDrivers } from "../platform/kinds/drivers.ts";
import { openGoogle } from "../platform/kinds/google.ts";
import type { Api, Google } from "../platform/kinds/google.ts";
import { changePolicy } from "../platform/kinds/policy.ts";
import type { Settings } from "../platform/settings.ts";
import { DEVELOPER } from "./account-roles.ts";
import type { Emulators } from "./emulators.ts";
import { writeInstallation } from "./installation-file.ts";
import { send } from "./rest.ts";
import { makeResources } from "./sample-resources.ts";
import { keepSlackSecrets } from "./slack.ts";
import { LOCAL_LOCATION, LOCAL_OWNER, LOCAL_PROJECT, LOCAL_REPOSITORY } from "./settings.ts";

/** Between two looks at what is under way; everything here is quick. */
const LOOK_EVERY_MS = 20;

/**
 * Installs Slipway into the local cloud as `slipway install apply` does into Google's: by the same table, plan and
 * calls, as the owner of the projects. What an installation takes for granted is made first, as others do.
 * @throws Error when something keeps it from being installed, or fails.
 */
export async function installLocal(
  emulators: Emulators,
  place: { readonly directory: string; readonly api: string },
): Promise<void> {
  const { settings, specs } = await writeInstallation(place.directory, place.api);
  const google = openGoogle({
    endpoints: endpointsOf(emulators),
    localToken: async () =>
      Promise.resolve(emulators.identity.accessToken(LOCAL_OWNER).access_token),
    pause,
  });
  await makeAccounts(google, settings);
  const placing = {
    project: LOCAL_PROJECT,
    pipelineProject: "own",
    sourcesBucket: defaultSourcesBucket(LOCAL_PROJECT),
  } as const;
  await Promise.all(
    specs.map(async (spec) =>
      makeResources(resourcesOf(emulators), placeService(placing, spec, null)),
    ),
  );
  await send(
    "POST",
    `${emulators.serviceUsage.url}/v1/projects/${LOCAL_PROJECT}/services/secretmanager.googleapis.com:enable`,
    {},
  );
  await keepSlackSecrets(emulators.secretManager.url);
  await letPush(google);
  await apply(await installerOf(google, settings));
}

/** Who develops may push images: no installation has a say in that. */
async function letPush(google: Google): Promise<void> {
  const repository = `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/repositories/${LOCAL_REPOSITORY}`;
  const role = "roles/artifactregistry.writer";
  await changePolicy(google, repository, (there) => ({ ...there, [role]: [DEVELOPER] }));
}

async function apply(installer: Installer): Promise<void> {
  const { platform, changes, obstacles } = await planInstallation(installer);
  if (platform === null || obstacles.length > 0) {
    throw new Error(`the local cloud cannot be installed: ${JSON.stringify(obstacles)}`);
  }
  const work = { changes, report: (): void => undefined };
  const { failed } = await applyInstallation(installer, platform, work);
  if (failed.length > 0) {
    const told = failed.map(({ item, error }) => `${item.key}: ${String(error)}`);
    throw new Error(`the local cloud could not be installed: ${told.join("; ")}`);
  }
}

async function installerOf(google: Google, settings: Settings): Promise<Installer> {
  const { hash, read } = await readDeployable(DEPLOYABLE);
  return {
    google,
    drivers: googleDrivers(google, settings.project, read),
    settings,
    functions: FUNCTION_NAMES,
    bundleHash: hash,
    version: VERSION,
    caller: `user:${LOCAL_OWNER}`,
    // What an earlier start left is its own.
    takesOver: true,
    now: () => Date.now(),
    pause,
  };
}

/** The accounts that an installation names and others make: services run as them, and CI calls as them. */
export function accountsOf({ environments, callers }: Settings): readonly string[] {
  const own = environments.flatMap((one) => [...one.runtimeAccounts, ...one.jobAccounts]);
  const ci = callers.flatMap((member) => /^serviceAccount:(?<email>.+)$/.exec(member)?.[1] ?? []);
  return [...new Set([...own, ...ci])];
}

async function makeAccounts(google: Google, settings: Settings): Promise<void> {
  await Promise.all(
    accountsOf(settings).map(async (email) => {
      const [accountId = "", host = ""] = email.split("@");
      const project = `projects/${host.split(".")[0] ?? ""}`;
      const path = `v1/${project}/serviceAccounts`;
      const there = await google.find("iam", { method: "GET", path: `${path}/${email}` });
      if (there === null) {
        await google.call("iam", { method: "POST", path, body: { accountId, serviceAccount: {} } });
      }
    }),
  );
}

function endpointsOf(emulators: Emulators): Readonly<Record<Api, string>> {
  return {
    artifactregistry: emulators.registry.url,
    billing: emulators.cloudBilling.url,
    firestore: emulators.firestore.url,
    functions: emulators.cloudFunctions.url,
    gkebackup: emulators.gkeBackup.url,
    iam: emulators.iam.url,
    identity: emulators.identity.url,
    monitoring: emulators.monitoring.url,
    // What an organization forbids is not here: it is answered as to somebody who may not read it.
    orgpolicy: emulators.resourceManager.url,
    pubsub: emulators.pubsub.url,
    resourcemanager: emulators.resourceManager.url,
    run: emulators.cloudRun.url,
    scheduler: emulators.scheduler.url,
    secretmanager: emulators.secretManager.url,
    serviceusage: emulators.serviceUsage.url,
    storage: emulators.storage.url,
  };
}

function resourcesOf(emulators: Emulators): Parameters<typeof makeResources>[0] {
  return {
    cloudSql: emulators.cloudSql.url,
    gkeBackup: emulators.gkeBackup.url,
    cloudRun: emulators.cloudRun.url,
    monitoring: emulators.monitoring.url,
    loadBalancer: emulators.loadBalancer.url,
  };
}

async function pause(): Promise<void> {
  await sleep(LOOK_EVERY_MS);
}
