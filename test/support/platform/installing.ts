import { FUNCTION_NAMES } from "../../../functions/names.ts";
import { createInstaller } from "../../../infra/platform/create-installer.ts";
import { readDeployable } from "../../../infra/platform/deployable.ts";
import { applyInstallation, planInstallation } from "../../../infra/platform/installer.ts";
import type { InstallationPlan, Installer } from "../../../infra/platform/installer.ts";
import { openGoogle } from "../../../infra/platform/kinds/google.ts";
import type { Endpoints } from "../../../infra/platform/kinds/google.ts";
import type { Settings } from "../../../infra/platform/settings.ts";
import { installedFunctions } from "../../../infra/platform/table/functions.ts";
import { INSTALLER } from "./google-cloud.ts";
import type { GoogleCloud } from "./google-cloud.ts";
import { someSettings } from "./settings.ts";
import { isWrite, UNWATCHED, watched } from "./watched.ts";
import type { Seen, Watch } from "./watched.ts";

/** What is installed in the tests: no accounts, secrets and groups of others are needed. */
export const INSTALLED: Settings = {
  ...someSettings(),
  registries: [{ project: "acme-images", location: "europe-west3", repository: "apps" }],
  environments: someSettings().environments.map((environment) =>
    Object.assign({}, environment, { runtimeAccounts: [], jobAccounts: [], secrets: [] }),
  ),
  people: { ...someSettings().people, approvers: [], oncall: [], owners: [] },
  callers: [],
  incidentsProject: "acme-alerts",
  slackToken: null,
  mail: null,
  chat: null,
  github: null,
  notices: { channels: [], defaults: [], pages: null },
};

/** The functions that it has. */
export const INSTALLED_FUNCTIONS: readonly string[] = installedFunctions(INSTALLED, FUNCTION_NAMES);

/** Between two looks at an operation: functions are really built, which takes seconds. */
const LOOK_EVERY_MS = 20;

/** Waits until the next look. */
export async function pauseBriefly(): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, LOOK_EVERY_MS);
  });
}

async function localToken(): Promise<string> {
  return Promise.resolve("ann");
}

/** How somebody installs in a test. */
export type Way = {
  readonly version?: string;
  readonly pause?: () => Promise<void>;
  readonly watch?: Watch;
  readonly takesOver?: boolean;
  /** Other servers than the cloud's. */
  readonly endpoints?: Endpoints;
};

/** Who installs, with settings of its own, a version, and its waits. */
export async function anInstaller(
  cloud: GoogleCloud,
  changes: Partial<Settings> = {},
  {
    version = "0.1.0",
    pause = pauseBriefly,
    watch = UNWATCHED,
    endpoints = {},
    takesOver = false,
  }: Way = {},
): Promise<Installer> {
  const settings = { ...INSTALLED, ...changes };
  const all = { ...cloud.endpoints, ...endpoints };
  const google = watched(openGoogle({ endpoints: all, localToken, pause }), watch);
  const installer = createInstaller({
    google,
    settings,
    deployable: await readDeployable(cloud.deployable),
    caller: INSTALLER,
    takesOver,
    pause,
  });
  return { ...installer, version, now: () => 0 };
}

/** Does what a plan says, and tells what failed. */
export async function applyPlan(
  installer: Installer,
  { platform, changes }: InstallationPlan,
): Promise<readonly string[]> {
  if (platform === null) {
    return ["the plan has no platform"];
  }
  const work = { changes, report: (): void => undefined };
  const { failed } = await applyInstallation(installer, platform, work);
  return failed.map(({ item, error }) => `${item.key}: ${String(error)}`);
}

/** Does what the command does, nothing at all when something is in the way, and tells what was written. */
export async function applyWatched(
  cloud: GoogleCloud,
  changes: Partial<Settings>,
  way: Way,
): Promise<InstallationPlan & { readonly writes: readonly Seen[] }> {
  const writes: Seen[] = [];
  const watch: Watch = (moment, seen) => {
    if (moment === "before" && isWrite(seen)) {
      writes.push(seen);
    }
  };
  const installer = await anInstaller(cloud, changes, { ...way, watch });
  const plan = await planInstallation(installer);
  if (plan.obstacles.length === 0) {
    await applyPlan(installer, plan);
  }
  return { ...plan, writes };
}

/** What a plan would do, a line each. */
export function pending({ changes }: InstallationPlan): readonly string[] {
  return changes
    .filter(({ action }) => action !== "unchanged")
    .map(({ action, key, changes: fields }) => {
      return `${action} ${key} ${fields.map(({ field, from, to }) => `${field}: ${from} -> ${to}`).join()}`;
    });
}
