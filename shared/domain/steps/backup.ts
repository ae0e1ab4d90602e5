import { fact } from "../audit-record.ts";
import { sourceName } from "../backup.ts";
import type { Backup, BackupSource } from "../backup.ts";
import { perform, putEnvironment, putPromotion, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { hasRoomForBackups } from "../budget.ts";
import { endPromotion } from "../change/end.ts";
import type { ServiceEvent } from "../event.ts";
import { isAt, stepOf } from "../promotion.ts";
import type { Promotion } from "../promotion.ts";
import { imageOf } from "../release.ts";
import { BACKUPS_MAX, environmentState, findPromotion, openPromotions } from "../state.ts";
import { between } from "../time.ts";
import { floorOfData } from "./floor.ts";
import { beginStep, finishStep, runOf } from "./run.ts";
import type { Run } from "./run.ts";
import { entryOf } from "../entry-of.ts";

type BackupObserved = Extract<ServiceEvent, { kind: "backup-observed" }>;
type DatabasesFound = Extract<ServiceEvent, { kind: "databases-found" }>;

/** How many databases of one environment are backed up at most. */
const SOURCES_MAX = 10;

/** The step `backup`: it needs a finished backup of all the environment's data, young enough or taken now. */
export function beginBackup(change: Change, run: Run): Change {
  const begun = beginStep(change, run.promotion, "backup");
  return continueBackup(begun, run.promotion.id);
}

/** Goes on with the step: finishes it if usable backups are there, else takes backups unless some are under way. */
function continueBackup(change: Change, id: Promotion["id"]): Change {
  const run = runOf(change, id);
  if (run === null) {
    return change;
  }
  const usable = usableBackups(change, run);
  if (usable !== null) {
    const message = usable.map(({ id: backup }) => backup).join(", ");
    const bound = { ...run.promotion, backups: usable };
    return finishStep(putPromotion(change, bound), bound, { name: "backup", message });
  }
  const isUnderWay = run.promotion.backups.some((backup) => !isFinished(backup));
  return isUnderWay ? change : askForBackups(change, run);
}

/**
 * Begins the backups of a promotion that still waits, so that they are ready when it starts. Only if the policy lets a
 * backup of some age serve, and only once for each promotion.
 */
export function backUpEarly(change: Change, run: Run): Change {
  const { backup } = run.environment.policy;
  const isAsked = run.promotion.steps.some(({ name }) => name === "backup");
  const isUseful =
    isAsked && backup !== null && backup.maxAge > 0 && run.promotion.restores.length === 0;
  return isUseful && run.promotion.backups.length === 0 && usableBackups(change, run) === null
    ? askForBackups(change, run)
    : change;
}

function askForBackups(change: Change, run: Run): Change {
  const { promotion, environment } = run;
  const { backup } = environment.policy;
  if (promotion.kind === "restore" || promotion.restores.length > 0) {
    return takeBackups(
      change,
      run,
      promotion.restores.map(({ into }) => into),
    );
  }
  if (backup?.cloudSql === true) {
    const { id } = promotion;
    return perform(change, { kind: "find-databases", promotion: id, project: environment.project });
  }
  return takeBackups(change, run, planSources(run));
}

function planSources({ environment }: Run): readonly BackupSource[] {
  const plan = environment.policy.backup?.gkePlan ?? null;
  return plan === null ? [] : [{ kind: "gke", plan }];
}

/** The databases are known: each is backed up, and so is what the GKE plan covers. */
export function onDatabasesFound(change: Change, event: DatabasesFound): Change {
  const promotion = findPromotion(change.state, event.promotion);
  if (promotion === null || promotion.backups.some((backup) => !isFinished(backup))) {
    return change;
  }
  const run = openRun(change, promotion);
  if (run === null || !isWanting(change, run)) {
    return change;
  }
  if (event.instances.length === 0) {
    const message = `project ${event.project} has no Cloud SQL instance to back up; if that is right, set delivery.environments.${promotion.environment}.backup.cloudSQL to none`;
    return endPromotion(change, promotion, { state: "FAILED", message, by: "slipway" });
  }
  if (event.instances.length > SOURCES_MAX) {
    const message = `project ${event.project} has ${event.instances.length} Cloud SQL instances, and at most ${SOURCES_MAX} are backed up for one environment; set delivery.environments.${promotion.environment}.backup.cloudSQL to none and back them up by other means`;
    return endPromotion(change, promotion, { state: "FAILED", message, by: "slipway" });
  }
  const databases = event.instances.map((instance) => ({
    kind: "cloud-sql" as const,
    project: event.project,
    instance,
  }));
  return takeBackups(change, run, [...databases, ...planSources(run)]);
}

/** Whether the promotion still wants backups: the answer about its databases may come twice, or late. */
function isWanting(change: Change, run: Run): boolean {
  const { promotion } = run;
  const isEarly = promotion.state === "WAITING" && promotion.backups.length === 0;
  return (isEarly || isAt(promotion, "backup")) && usableBackups(change, run) === null;
}

/** The run of an open promotion, even if it waits, because its backups may begin early. */
function openRun(change: Change, promotion: Promotion): Run | null {
  const { service, releases } = change.state;
  const environment = service.environments.find(({ id }) => id === promotion.environment);
  const release = entryOf(releases, promotion.release);
  return environment === undefined || release === undefined
    ? null
    : { promotion, environment, release };
}

function takeBackups(change: Change, run: Run, sources: readonly BackupSource[]): Change {
  const { promotion, environment, release } = run;
  const { current } = environmentState(change.state, environment.id);
  const floor = floorOfData(change, environment.id);
  const taken = numberOf(promotion.backups.at(-1));
  const backups = sources.map((source, index): Backup => ({
    id: `${promotion.id}-b${taken + index + 1}`,
    environment: environment.id,
    promotion: promotion.id,
    release: current?.release ?? null,
    source,
    floor,
    name: null,
    state: "PENDING",
    startedAt: change.now,
    finishedAt: null,
    message: null,
  }));
  if (!hasRoomForBackups(change.state, promotion, backups)) {
    return refuseBackups(change, promotion, backups.length);
  }
  const effects = backups.map((backup) => ({
    kind: "take-backup" as const,
    promotion: promotion.id,
    backup,
    image: promotion.kind === "restore" ? null : imageOf(release),
  }));
  return perform(putPromotion(change, { ...promotion, backups }), ...effects);
}

/**
 * There is no room for the backups. A promotion that waits tries again later; one that runs fails, before its
 * rollout.
 */
function refuseBackups(change: Change, promotion: Promotion, count: number): Change {
  if (promotion.state === "WAITING") {
    return change;
  }
  const other = openPromotions(change.state).find(({ id }) => id !== promotion.id);
  const help =
    other === undefined
      ? "Make this environment a service of its own"
      : `Wait until other promotions have ended, or cancel one, such as ${other.id}`;
  const message = `nothing was deployed, because there is no room to keep ${count} more backups. ${help}, then promote again`;
  return endPromotion(change, promotion, { state: "FAILED", message, by: "slipway" });
}

/** The number in a backup's id. Numbers go on when early backups have become too old and new ones are taken. */
function numberOf(backup: Backup | undefined): number {
  return Number(/-b(?<number>\d+)$/.exec(backup?.id ?? "")?.groups?.["number"] ?? "0");
}

/** A backup was looked at. If it failed, its promotion fails before anything is deployed. */
export function onBackupObserved(change: Change, event: BackupObserved): Change {
  const promotion = findPromotion(change.state, event.promotion);
  const known = promotion?.backups.find(({ id }) => id === event.backup);
  if (promotion === null || known === undefined || isFinished(known)) {
    return change;
  }
  const seen = asSeen(known, event);
  const { state } = seen;
  if (known.name === seen.name && known.state === state) {
    return change;
  }
  const backups = promotion.backups.map((backup) => (backup.id === seen.id ? seen : backup));
  const placed = putPromotion(change, { ...promotion, backups });
  const noted = isFinished(seen) ? { ...placed, backups: [...placed.backups, seen] } : placed;
  if (state === "SUCCEEDED") {
    return continueBackup(remember(tell(noted, promotion, seen), backups), promotion.id);
  }
  return state === "FAILED" ? fail(tell(noted, promotion, seen), promotion.id, seen) : noted;
}

/** The backup as Cloud SQL or Backup for GKE shows it. A backup in their queue counts as running. */
function asSeen(known: Backup, event: BackupObserved): Backup {
  const { name, state, finishedAt, message } = event;
  return { ...known, name, state: state === "PENDING" ? "RUNNING" : state, finishedAt, message };
}

function isFinished({ state }: Backup): boolean {
  return state === "SUCCEEDED" || state === "FAILED";
}

function fail(change: Change, id: Promotion["id"], backup: Backup): Change {
  const promotion = findPromotion(change.state, id);
  const message = `the backup of ${sourceName(backup.source)} failed: ${backup.message ?? "no reason given"}; nothing was deployed`;
  const isAsked = promotion !== null && stepOf(promotion, "backup") !== null;
  return isAsked
    ? endPromotion(change, promotion, { state: "FAILED", message, by: "slipway" })
    : change;
}

function tell(change: Change, promotion: Promotion, backup: Backup): Change {
  return record(
    change,
    fact(backup.state === "SUCCEEDED" ? "backup.finished" : "backup.failed", "slipway", {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: backup.message,
      details: { backup: backup.id, source: sourceName(backup.source), name: backup.name ?? "" },
    }),
  );
}

/** Remembers a promotion's backups for others, once all of them have succeeded: only the whole set is of use. */
function remember(change: Change, set: readonly Backup[]): Change {
  const [first] = set;
  if (first === undefined || set.some(({ state }) => state !== "SUCCEEDED")) {
    return change;
  }
  const { backups } = environmentState(change.state, first.environment);
  const others = backups.filter(({ id }) => !set.some((backup) => backup.id === id));
  return putEnvironment(change, first.environment, {
    backups: [...set, ...others].slice(0, BACKUPS_MAX),
  });
}

/** The backups that the promotion may rely on; null while one is missing. */
function usableBackups(change: Change, run: Run): readonly Backup[] | null {
  const { promotion, environment } = run;
  if (promotion.backups.length > 0) {
    const isDone = promotion.backups.every(({ state }) => state === "SUCCEEDED");
    const isGood = isDone && isWhole(run, promotion.backups);
    return isGood && isYoung(change, run, promotion.backups) ? promotion.backups : null;
  }
  if (promotion.restores.length > 0) {
    return null;
  }
  const { backups } = environmentState(change.state, environment.id);
  const [newest] = backups;
  const set = backups.filter((backup) => backup.promotion === newest?.promotion);
  return set.length > 0 && isWhole(run, set) && isYoung(change, run, set) ? set : null;
}

/** Whether the set has every kind of data that the policy asks for now; it may have asked for less before. */
function isWhole({ promotion, environment }: Run, set: readonly Backup[]): boolean {
  const { backup } = environment.policy;
  if (backup === null || promotion.restores.length > 0) {
    return true;
  }
  const { cloudSql, gkePlan } = backup;
  const hasDatabases = set.some(
    ({ source }) => source.kind === "cloud-sql" && source.project === environment.project,
  );
  const hasPlan = set.some(({ source }) => source.kind === "gke" && source.plan === gkePlan);
  return (!cloudSql || hasDatabases) && (gkePlan === null || hasPlan);
}

/** Whether each backup finished after the promotion started, or recently enough for the policy. */
function isYoung(change: Change, run: Run, set: readonly Backup[]): boolean {
  return set.every((backup) => isAfterStart(run, backup) || isLasting(change, run, backup));
}

function isAfterStart({ promotion }: Run, { finishedAt, promotion: owner }: Backup): boolean {
  const isOwn = owner === promotion.id && promotion.state === "RUNNING";
  const began = promotion.steps.find(({ name }) => name === "backup")?.startedAt ?? null;
  return isOwn && began !== null && finishedAt !== null && finishedAt >= began;
}

/** Whether an older backup is still good. Never for a restore: it would lose what was written since that backup. */
function isLasting(change: Change, { promotion, environment }: Run, backup: Backup): boolean {
  const { finishedAt } = backup;
  const maxAge = environment.policy.backup?.maxAge ?? 0;
  if (finishedAt === null || maxAge === 0 || promotion.restores.length > 0) {
    return false;
  }
  const { restoredAt } = environmentState(change.state, environment.id);
  // A backup from before a restore has other data.
  const isOfThisData = restoredAt === null || finishedAt > restoredAt;
  return isOfThisData && between(finishedAt, change.now) <= maxAge;
}
