import { sourceName } from "../domain/backup.ts";
import type { Backup, BackupSource } from "../domain/backup.ts";
import { dataMoment, toRestorePoint } from "../domain/promotion.ts";
import type { RestorePoint } from "../domain/promotion.ts";
import type { Refusal } from "../domain/refusal.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Environment } from "../domain/service.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import { findBackups } from "./backups.ts";

/** Which backup's data is to come back, and into which environment. */
export type RestoreWish = {
  readonly from: Environment;
  readonly into: Environment;
  /** A backup's id, or a promotion's id for all of its backups. */
  readonly backup: string;
};

/** What would be restored. */
export type RestorePlan = {
  readonly points: readonly RestorePoint[];
  /** The state that comes back: when the first of the backups had finished. What was written since is lost. */
  readonly dataOf: Instant;
};

/** Finds the backups, and for each the place that its data goes to. */
export async function planRestore(
  ports: DecidingPorts,
  state: ServiceState,
  wish: RestoreWish,
): Promise<Result<RestorePlan, Refusal>> {
  const { from, into, backup: id } = wish;
  const wanted = await findBackups(ports, state, { environment: from, id });
  if (wanted.length === 0) {
    const place = { service: state.service.id, environment: from.id };
    const help = { how: "list them", step: { kind: "list-backups" as const, ...place } };
    return refused({ kind: "not-found", message: `${from.id} has no backup ${id}`, help });
  }
  const unusable = await findUnusable(ports, wanted);
  if (unusable !== null) {
    return refused({ kind: "conflict", message: unusable });
  }
  if (from.id === into.id) {
    return toPlan(wanted, new Map(wanted.map(({ id: own, source }) => [own, source])));
  }
  if (into.category !== "test") {
    const message = `into: ${into.id} is ${into.category}, and the data of ${from.id} may go only into an environment of the category test`;
    return refused({ kind: "invalid", message });
  }
  return planClone(ports, state, { from, into, wanted });
}

async function findUnusable(
  ports: DecidingPorts,
  wanted: readonly Backup[],
): Promise<string | null> {
  for (const { id, name, state, source } of wanted) {
    if (name === null || state !== "SUCCEEDED") {
      return `backup ${id} did not succeed, so there is nothing to restore`;
    }
    if (await isGone(ports, source, name)) {
      return `${sourceName(source)} no longer has backup ${id}`;
    }
  }
  return null;
}

/** Whether a backup is there no more. Where that cannot be told, the restore itself will tell. */
async function isGone(ports: DecidingPorts, source: BackupSource, name: string): Promise<boolean> {
  try {
    return (await ports.backups.observe(source, name)) === null;
  } catch (error) {
    if (error instanceof PermanentError || error instanceof TransientError) {
      ports.log.warn("backup cannot be looked at", { status: error.status, cause: error.message });
      return false;
    }
    throw error;
  }
}

type Clone = {
  readonly from: Environment;
  readonly into: Environment;
  readonly wanted: readonly Backup[];
};

/** Databases correspond by their place among those of their environment, in the order of their names. */
async function planClone(
  ports: DecidingPorts,
  state: ServiceState,
  { from, into, wanted }: Clone,
): Promise<Result<RestorePlan, Refusal>> {
  const whole = await wholeSet(ports, state, { from, wanted });
  const sources = instancesOf(whole);
  const targets =
    sources.length === 0 ? [] : (await ports.backups.databases(into.project)).toSorted();
  if (sources.length !== targets.length) {
    const message = `into: the backup has ${namesText(sources)}, but ${into.id} has ${namesText(targets)}, so it is not clear which goes where`;
    return refused({ kind: "invalid", message });
  }
  const plan = into.policy.backup?.gkePlan ?? null;
  if (plan === null && wanted.some(({ source }) => source.kind === "gke")) {
    const message = `into: ${into.id} has no backup plan of GKE to restore into; set delivery.environments.${into.id}.backup.gke`;
    return refused({ kind: "invalid", message });
  }
  const places = wanted.map(({ id, source }): readonly [string, BackupSource] => {
    if (source.kind === "gke") {
      return [id, { kind: "gke", plan: plan ?? "" }];
    }
    const instance = targets[sources.indexOf(source.instance)] ?? "";
    return [id, { kind: "cloud-sql", project: into.project, instance }];
  });
  return toPlan(wanted, new Map(places));
}

/** All the backups that were taken together with the first: the place of one among them says where it goes. */
async function wholeSet(
  ports: DecidingPorts,
  state: ServiceState,
  { from, wanted }: Omit<Clone, "into">,
): Promise<readonly Backup[]> {
  const [first] = wanted;
  return first === undefined
    ? wanted
    : findBackups(ports, state, { environment: from, id: first.promotion });
}

function instancesOf(backups: readonly Backup[]): readonly string[] {
  const instances = backups.flatMap(({ source }) =>
    source.kind === "cloud-sql" ? [source.instance] : [],
  );
  return [...new Set(instances)].toSorted();
}

function namesText(names: readonly string[]): string {
  return names.length === 0 ? "no database" : `the databases ${names.join(", ")}`;
}

function toPlan(
  wanted: readonly Backup[],
  places: ReadonlyMap<string, BackupSource>,
): Result<RestorePlan, Refusal> {
  const points = wanted.flatMap(
    (backup) => toRestorePoint(backup, places.get(backup.id) ?? backup.source) ?? [],
  );
  const dataOf = dataMoment(points);
  return dataOf === null
    ? refused({ kind: "not-found", message: "there is no such backup" })
    : accepted({ points, dataOf });
}
