import { desired } from "./desired.ts";
import type { Drivers } from "./engine/driver.ts";
import { performChanges, performRemovals } from "./engine/perform.ts";
import type { Performed, Performing, Progress } from "./engine/perform.ts";
import { makePlan } from "./engine/plan.ts";
import type { Change, Obstacle } from "./engine/plan.ts";
import { apiName } from "./kinds/google.ts";
import type { Api, Google } from "./kinds/google.ts";
import { markObstacles, readMark, writeMark } from "./mark.ts";
import type { Mark } from "./mark.ts";
import { apiStates } from "./preflight/api-states.ts";
import { lookAtMembers } from "./preflight/members.ts";
import { offApi } from "./preflight/off-api.ts";
import { openFunctions } from "./preflight/open-functions.ts";
import { organizationObstacles } from "./preflight/organization.ts";
import { lookAtProjects } from "./preflight/projects.ts";
import { bucketObstacles, databaseObstacles, takenServices } from "./preflight/taken.ts";
import { missingThings } from "./preflight/things.ts";
import type { Resource } from "./resource.ts";
import type { Platform, Settings } from "./settings.ts";
import { sourcesBucket } from "./table/names.ts";

/** What an installation is made with. */
export type Installer = {
  readonly google: Google;
  readonly drivers: Drivers;
  readonly settings: Settings;
  /** The functions that there are. */
  readonly functions: readonly string[];
  readonly bundleHash: string;
  readonly version: string;
  /** Who installs, as a member of policies. */
  readonly caller: string;
  /** Whether a half-made or newer installation, or a database that was left, is taken over. */
  readonly takesOver: boolean;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
};

/** What an installation would be made of, and what keeps it from being made. */
export type InstallationPlan = {
  readonly platform: Platform | null;
  readonly changes: readonly Change[];
  readonly obstacles: readonly Obstacle[];
  /** What may keep it from being made, and cannot be told. */
  readonly warnings: readonly Obstacle[];
  readonly mark: Mark | null;
};

/** Looks at everything and touches nothing. @throws TransientError or PermanentError when something cannot be read. */
export async function planInstallation(installer: Installer): Promise<InstallationPlan> {
  try {
    return await planIn(installer);
  } catch (error) {
    const obstacle = offApi(error);
    if (obstacle === null) {
      throw error;
    }
    return refusedBy([obstacle]);
  }
}

async function planIn(installer: Installer): Promise<InstallationPlan> {
  const { google, drivers, settings, functions, bundleHash, version } = installer;
  const projects = await lookAtProjects(google, settings, installer.caller);
  if (projects.obstacles.length > 0) {
    return refusedBy(projects.obstacles);
  }
  const platform: Platform = { ...settings, numbers: projects.numbers, bundleHash, version };
  const resources = desired(platform, functions);
  const { project: installation, location } = settings;
  const { changes, obstacles } = await makePlan({ drivers, resources, installation, location });
  const stateOf = apiStates(changes);
  const isSeen = (api: Api): boolean => stateOf(installation, apiName(api)) === "on";
  const mark = isSeen("storage") ? await readMark(google, platform) : null;
  const isKnown = (mark !== null && mark.version !== null) || installer.takesOver;
  const members = await lookAtMembers(google, platform);
  const found = await Promise.all([
    missingThings(google, platform, stateOf),
    openFunctions(google, platform, { functions, stateOf }),
    takenServices(google, changes, stateOf),
    organizationObstacles(google, platform),
    ...(isSeen("storage") ? [bucketObstacles(google, platform)] : []),
    ...(isSeen("firestore") ? [databaseObstacles(google, platform, isKnown)] : []),
  ]);
  const marked = installer.takesOver || mark === null ? [] : markObstacles(mark, version);
  const all = [...obstacles, ...marked, ...members.obstacles, ...found.flat()];
  return { platform, changes, obstacles: all, warnings: members.warnings, mark };
}

function refusedBy(obstacles: readonly Obstacle[]): InstallationPlan {
  return { platform: null, changes: [], obstacles, warnings: [], mark: null };
}

/** Whether there is anything to do. */
export function isPending({ changes }: Pick<InstallationPlan, "changes">): boolean {
  return changes.some(({ action }) => action !== "unchanged");
}

/** What comes before the mark of a begun installation: the mark is on the bucket, and the bucket behind an API. */
function isBeforeMark({ resource }: Change): boolean {
  return resource.kind === "apis" || resource.kind === "bucket";
}

/**
 * Does what the plan says. The mark of the installation says that it is begun before anything else is made, and
 * that it is complete after all is.
 * @throws TransientError or PermanentError when the mark cannot be written.
 */
export async function applyInstallation(
  installer: Installer,
  platform: Platform,
  plan: { readonly changes: readonly Change[]; readonly report: (progress: Progress) => void },
): Promise<Performed> {
  const performing = performingOf(installer, plan.report);
  const first = plan.changes.filter(isBeforeMark);
  const rest = plan.changes.filter((change) => !isBeforeMark(change));
  const begun = await performChanges(performing, first);
  if (begun.failed.length > 0) {
    return { failed: begun.failed, skipped: [...begun.skipped, ...rest.filter(isToDo)] };
  }
  if (rest.some(isToDo)) {
    await writeMark(installer.google, platform, "applying");
  }
  const done = await performChanges(performing, rest);
  if (done.failed.length === 0) {
    await writeMark(installer.google, platform, "complete");
  }
  return done;
}

function isToDo({ action }: Change): boolean {
  return action !== "unchanged";
}

function performingOf(installer: Installer, report: (progress: Progress) => void): Performing {
  const { drivers, now, pause } = installer;
  return { drivers, now, pause, report };
}

/** What a person has named, so that it may go too. */
export type Named = { readonly database: string | null; readonly bucket: string | null };

/** Kinds that stay: an API may serve others, an agent is Google's, and indexes go with their database. */
const STAYING: ReadonlySet<string> = new Set(["apis", "service agent", "index", "backup schedule"]);

/** What would be taken away of an installation: all that is there and its own, the data only if it is named. */
export function planRemoval(plan: InstallationPlan, named: Named): readonly Change[] {
  return plan.changes
    .filter(({ resource, found, action, notes }) => {
      const isOwn = found !== null && (action === "delete" || notes.length === 0);
      return isOwn && !STAYING.has(resource.kind) && mayGo(resource, named);
    })
    .map((change) => Object.assign({}, change, { action: "delete" as const }));
}

function mayGo({ kind, name }: Resource, { database, bucket }: Named): boolean {
  return (
    (kind !== "database" || name.endsWith(`/databases/${database ?? ""}`)) &&
    (kind !== "bucket" || name === bucket)
  );
}

/** What a person has to name so that it goes, as far as it is there and stays. */
export function staying(
  settings: Settings,
  { changes }: InstallationPlan,
  named: Named,
): readonly Resource[] {
  const data = changes.filter(
    ({ resource, found }) =>
      found !== null &&
      (resource.kind === "database" || resource.name === sourcesBucket(settings)) &&
      (resource.kind === "database" || resource.kind === "bucket"),
  );
  return data.map(({ resource }) => resource).filter((resource) => !mayGo(resource, named));
}

/** Takes away what is named, what needs others before those. */
export async function destroyInstallation(
  installer: Installer,
  removals: readonly Change[],
  report: (progress: Progress) => void,
): Promise<Performed> {
  return performRemovals(performingOf(installer, report), removals);
}
