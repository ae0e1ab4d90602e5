import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { DecidingPorts } from "../../shared/ports/ports.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import { DEPLOYABLE, isCurrent } from "../build/current.ts";
import { sourcesDigest } from "../build/sources.ts";
import { defaultSourcesBucket } from "../plan/installation.ts";
import { placeService } from "../plan/place-service.ts";
import { createInstaller } from "../platform/create-installer.ts";
import { readDeployable } from "../platform/deployable.ts";
import type { Progress } from "../platform/engine/perform.ts";
import { applyInstallation, planInstallation } from "../platform/installer.ts";
import type { Installer } from "../platform/installer.ts";
import { openGoogle } from "../platform/kinds/google.ts";
import type { Api, Google } from "../platform/kinds/google.ts";
import { changePolicy } from "../platform/kinds/policy.ts";
import type { Kind } from "../platform/resource.ts";
import type { Settings } from "../platform/settings.ts";
import { DEVELOPER } from "./account-roles.ts";
import { applySamples } from "./apply-samples.ts";
import { inPlaceArchive } from "./in-place.ts";
import { writeInstallation } from "./installation-file.ts";
import { ENDPOINTS } from "./ports.ts";
import type { Endpoint } from "./ports.ts";
import { makeResources } from "./sample-resources.ts";
import { makeSecrets } from "./sample-secrets.ts";
import { LOCAL_LOCATION, LOCAL_OWNER, LOCAL_PROJECT, LOCAL_REPOSITORY } from "./settings.ts";
import { keepGithubSecret } from "./github-secret.ts";
import { keepSlackSecrets } from "./slack-secrets.ts";

/** Everything here is quick: what is waited for in the world is looked at sooner. */
const LOOK_SPEED = 4;
const LOOK_MS_MAX = 100;

/** Where the local cloud is that Slipway is installed into. */
export const Installing = z.object({
  /** Where the folder `.slipway` is. */
  directory: z.string(),
  ports: z.record(z.enum(ENDPOINTS), z.number()),
});

/** Where the local cloud is that Slipway is installed into. */
export type Installing = z.output<typeof Installing>;

/** What can be made ready before anything runs. */
export type Prepared = {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly specs: readonly ServiceSpec[];
  /** The hash of what the functions are made of. */
  readonly bundleHash: string;
};

/** Reads all that is installed. @throws Error when a sample is not valid. */
export async function prepareInstall({ directory, ports }: Installing): Promise<Prepared> {
  const { settings, specs } = await writeInstallation(directory, {
    api: urlOf(ports, "api"),
    pages: urlOf(ports, "web"),
  });
  return { ports, settings, specs, bundleHash: await hashInPlace() };
}

/**
 * Installs Slipway into the local cloud as `slipway install apply` does into Google's: by the same table, plan and
 * calls, as the owner of the projects. What an installation takes for granted is made first, as others do. The samples
 * are applied as soon as there is what they need.
 * @throws Error when something keeps it from being installed, or fails.
 */
export async function installLocal(ports: DecidingPorts, prepared: Prepared): Promise<void> {
  const { ports: at, settings, specs, bundleHash } = prepared;
  const google = openGoogle({ endpoints: endpointsOf(at), localToken: asAnybody, pause });
  const around = [makeAround(at, specs), keepSecrets(google, at), letPush(google)];
  await Promise.all([makeAccounts(google, settings), ...around]);
  const installer = createInstaller({
    google,
    settings,
    deployable: { hash: bundleHash, read: readInPlace },
    caller: `user:${LOCAL_OWNER}`,
    // What an earlier start left is its own.
    takesOver: true,
    pause,
  });
  await apply(installer, async () => applySamples(ports, at));
}

/** Until it is installed, whoever brings no token is taken for the owner. */
async function asAnybody(): Promise<null> {
  return Promise.resolve(null);
}

/** What the samples' environments have beside the services. */
async function makeAround(at: Ports, specs: readonly ServiceSpec[]): Promise<void> {
  const placing = {
    project: LOCAL_PROJECT,
    pipelineProject: "own",
    sourcesBucket: defaultSourcesBucket(LOCAL_PROJECT),
  } as const;
  const endpoints = {
    cloudSql: urlOf(at, "cloudSql"),
    gkeBackup: urlOf(at, "gkeBackup"),
    cloudRun: urlOf(at, "cloudRun"),
    monitoring: urlOf(at, "monitoring"),
    loadBalancer: urlOf(at, "loadBalancer"),
  };
  await Promise.all(
    specs.flatMap((spec) => [
      makeResources(endpoints, placeService(placing, spec, null)),
      makeSecrets(urlOf(at, "secretManager"), spec),
    ]),
  );
}

/** The secrets of Slack and of GitHub, which whoever sets them up puts there. */
async function keepSecrets(google: Google, at: Ports): Promise<void> {
  const service = `projects/${LOCAL_PROJECT}/services/secretmanager.googleapis.com`;
  await google.call("serviceusage", { method: "POST", path: `v1/${service}:enable`, body: {} });
  const secretManager = urlOf(at, "secretManager");
  await Promise.all([keepSlackSecrets(secretManager), keepGithubSecret(secretManager)]);
}

/** Who develops may push images: no installation has a say in that. */
async function letPush(google: Google): Promise<void> {
  const repository = `projects/${LOCAL_PROJECT}/locations/${LOCAL_LOCATION}/repositories/${LOCAL_REPOSITORY}`;
  const role = "roles/artifactregistry.writer";
  await changePolicy(google, repository, (there) => ({ ...there, [role]: [DEVELOPER] }));
}

/** What must be there before a specification can be applied. */
const BEFORE_SERVICES: ReadonlySet<Kind> = new Set([
  "apis",
  "account",
  "bucket",
  "topic",
  "database",
  "index",
]);

async function apply(installer: Installer, applyServices: () => Promise<void>): Promise<void> {
  const { platform, changes, obstacles } = await planInstallation(installer);
  if (platform === null || obstacles.length > 0) {
    throw new Error(`the local cloud cannot be installed: ${JSON.stringify(obstacles)}`);
  }
  const before = changes.filter(
    ({ action, resource }) => action !== "unchanged" && BEFORE_SERVICES.has(resource.kind),
  );
  const missing = new Set(before.map(({ key }) => key));
  const ready = Promise.withResolvers<void>();
  const services = ready.promise.then(applyServices);
  const report = (progress: Progress): void => {
    if (progress.kind === "done") {
      missing.delete(progress.change.key);
    }
    if (missing.size === 0) {
      ready.resolve();
    }
  };
  const installed = applyInstallation(installer, platform, { changes, report });
  if (missing.size === 0) {
    ready.resolve();
  }
  const { failed } = await installed;
  if (failed.length > 0) {
    const told = failed.map(({ item, error }) => `${item.key}: ${String(error)}`);
    throw new Error(`the local cloud could not be installed: ${told.join("; ")}`);
  }
  await services;
}

async function readInPlace(): Promise<Uint8Array> {
  return Promise.resolve(inPlaceArchive());
}

/** As much of a hash as a label takes. */
const HASH = /^sha256:(?<hash>[0-9a-f]{40})/;

/**
 * The hash of the functions as they run here. Where they are built of the sources as they are, it is that of the build:
 * an installer from outside then finds nothing to do.
 */
async function hashInPlace(): Promise<string> {
  return isCurrent(DEPLOYABLE)
    ? (await readDeployable(DEPLOYABLE)).hash
    : (HASH.exec(sourcesDigest())?.groups?.["hash"] ?? "");
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

type Ports = Readonly<Record<Endpoint, number>>;

function urlOf(ports: Ports, endpoint: Endpoint): string {
  return `http://127.0.0.1:${ports[endpoint]}`;
}

function endpointsOf(ports: Ports): Readonly<Record<Api, string>> {
  return {
    artifactregistry: urlOf(ports, "registry"),
    billing: urlOf(ports, "cloudBilling"),
    firestore: urlOf(ports, "firestore"),
    functions: urlOf(ports, "cloudFunctions"),
    gkebackup: urlOf(ports, "gkeBackup"),
    iam: urlOf(ports, "iam"),
    identity: urlOf(ports, "identity"),
    monitoring: urlOf(ports, "monitoring"),
    // What an organization forbids is not here: it is answered as to somebody who may not read it.
    orgpolicy: urlOf(ports, "resourceManager"),
    pubsub: urlOf(ports, "pubsub"),
    resourcemanager: urlOf(ports, "resourceManager"),
    run: urlOf(ports, "cloudRun"),
    scheduler: urlOf(ports, "scheduler"),
    secretmanager: urlOf(ports, "secretManager"),
    serviceusage: urlOf(ports, "serviceUsage"),
    sqladmin: urlOf(ports, "cloudSql"),
    storage: urlOf(ports, "storage"),
  };
}

async function pause(ms: number): Promise<void> {
  await sleep(Math.min(ms / LOOK_SPEED, LOOK_MS_MAX));
}
