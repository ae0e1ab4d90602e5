import { toTimestamp } from "../kit/clock.ts";
import { withoutHidden } from "../kit/collection.ts";
import { begin, listOf, type ListRequest, showOperation, soFar } from "./operations.ts";
import { invalid, sqlError } from "./sql-error.ts";
import {
  type BackupRun,
  type CloudSql,
  findInstance,
  type InstanceRequest,
  notHere,
  putContent,
} from "./state.ts";

/** Stands for every instance of a project where backup runs are listed. */
const ANY_INSTANCE = "-";

/** Those whose backups Backup and DR keeps: Cloud SQL takes none itself. */
const MANAGED_TIERS: ReadonlySet<string> = new Set(["ENHANCED", "ADVANCED"]);

type RunRequest = InstanceRequest & { readonly id?: string };

/** SqlBackupRunsService.Insert: of one instance one after the other. */
export function insertBackupRun(
  sql: CloudSql,
  request: InstanceRequest & {
    readonly body?: { readonly description?: string; readonly location?: string };
  },
  nowMs: number,
): object {
  const target = findInstance(sql, request);
  const { project, name: instance, databaseVersion, settings } = target;
  if (MANAGED_TIERS.has(settings.backupConfiguration?.backupTier ?? "")) {
    throw sqlError("invalidOperation", "This operation isn't valid for this instance.");
  }
  const [newest] = runsOf(sql, { project, instance }, nowMs);
  const backupId = String(Math.max(Number(newest?.id ?? 0) + 1, nowMs));
  const { backupMs: durationMs } = sql.durations;
  const operationType = "BACKUP_VOLUME";
  const operation = begin(sql, { operationType, target, durationMs, backupId }, nowMs);
  const { startTime, endTime } = operation;
  const [error] = operation.error?.errors ?? [];
  const { description, location } = { description: "", location: "us", ...request.body };
  const enqueuedTime = toTimestamp(nowMs);
  const run = {
    id: backupId,
    instance,
    type: "ON_DEMAND",
    description,
    location,
    enqueuedTime,
    windowStartTime: enqueuedTime,
    databaseVersion,
    startTime,
    endTime,
    ...(error !== undefined && { error }),
    hidden: { content: target.hidden.content.text },
  };
  sql.state.backupRuns.set(`${project}/${instance}/${backupId}`, run);
  return showOperation(operation, nowMs);
}

function showRun(run: BackupRun, nowMs: number): object {
  const { hidden, error } = run;
  const end = error === undefined ? "SUCCESSFUL" : "FAILED";
  const shown = soFar(run, ["ENQUEUED", "RUNNING", end], nowMs);
  const deletion = hidden.goneMs === undefined ? {} : { status: "DELETION_PENDING" };
  return { ...withoutHidden(shown), ...deletion };
}

/** SqlBackupRunsService.Get */
export function getBackupRun(sql: CloudSql, request: RunRequest, nowMs: number): object {
  return showRun(findRun(sql, request, nowMs), nowMs);
}

/** SqlBackupRunsService.List: newest first; the instance `-` means every one of the project. */
export function listBackupRuns(sql: CloudSql, request: ListRequest, nowMs: number): object {
  if (request.instance !== ANY_INSTANCE) {
    findInstance(sql, request);
  }
  return listOf(runsOf(sql, request, nowMs), request, (run) => showRun(run, nowMs));
}

/** SqlBackupRunsService.Delete: it keeps its instance busy. */
export function deleteBackupRun(sql: CloudSql, request: RunRequest, nowMs: number): object {
  const { backupRuns } = sql.state;
  const run = findRun(sql, request, nowMs);
  const target = findInstance(sql, request);
  const { changeMs: durationMs } = sql.durations;
  const about = { target, durationMs, backupId: run.id };
  const operation = begin(sql, { operationType: "DELETE_BACKUP", ...about }, nowMs);
  for (const [key, one] of backupRuns) {
    if (isGone(one, nowMs)) {
      backupRuns.delete(key);
    }
  }
  const hidden = { ...run.hidden, goneMs: Date.parse(operation.endTime) };
  backupRuns.set(`${target.project}/${target.name}/${run.id}`, { ...run, hidden });
  return showOperation(operation, nowMs);
}

/** google.cloud.sql.v1.InstancesRestoreBackupRequest in JSON. */
type RestoreJson = {
  readonly restoreBackupContext?: {
    readonly backupRunId?: string;
    readonly instanceId?: string;
    readonly project?: string;
  };
};

/**
 * SqlInstancesService.RestoreBackup: into an instance that exists, which then holds what the backup has.
 * Source: https://cloud.google.com/sql/docs/postgres/backup-recovery/restore
 */
export function restoreBackup(
  sql: CloudSql,
  request: InstanceRequest & { readonly body?: RestoreJson },
  nowMs: number,
): object {
  const run = sourceOf(sql, request, nowMs);
  const target = findInstance(sql, request);
  if (run.error !== undefined || nowMs < Date.parse(run.endTime)) {
    throw invalid("the backup is not successful.");
  }
  if (run.databaseVersion !== target.databaseVersion) {
    throw invalid(
      `a backup of ${run.databaseVersion} cannot be restored to ${target.databaseVersion}.`,
    );
  }
  const { restoreMs: durationMs } = sql.durations;
  const operation = begin(sql, { operationType: "RESTORE_VOLUME", target, durationMs }, nowMs);
  if (operation.error === undefined) {
    putContent(sql, target, {
      text: run.hidden.content,
      sinceMs: Date.parse(operation.endTime),
    });
  }
  return showOperation(operation, nowMs);
}

/** @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED for whatever else a restore may be of */
function sourceOf(
  sql: CloudSql,
  { body = {}, ...into }: InstanceRequest & { readonly body?: RestoreJson },
  nowMs: number,
): BackupRun {
  const { restoreBackupContext: context, ...others } = body;
  Object.keys(others).forEach(notHere);
  if (context === undefined) {
    throw invalid("restoreBackupContext must be set.");
  }
  const { backupRunId: id = "0", instanceId: instance = into.instance ?? "" } = context;
  const { project = into.project ?? "" } = context;
  return findRun(sql, { project, instance, id }, nowMs);
}

function isGone({ hidden: { goneMs } }: BackupRun, nowMs: number): boolean {
  return goneMs !== undefined && goneMs <= nowMs;
}

/** The runs of an instance, or of all of a project, newest first. */
function runsOf(
  { state }: CloudSql,
  { project = "", instance = "" }: InstanceRequest,
  nowMs: number,
): readonly BackupRun[] {
  const prefix = instance === ANY_INSTANCE ? `${project}/` : `${project}/${instance}/`;
  return [...state.backupRuns]
    .filter(([key, run]) => key.startsWith(prefix) && !isGone(run, nowMs))
    .map(([, run]) => run)
    .toReversed();
}

/** The run of an instance with an id. @throws GoogleError NOT_FOUND */
function findRun(sql: CloudSql, request: RunRequest, nowMs: number): BackupRun {
  const { project, name } = findInstance(sql, request);
  const found = sql.state.backupRuns.get(`${project}/${name}/${request.id ?? ""}`);
  if (found === undefined || isGone(found, nowMs)) {
    throw sqlError("backupDoesNotExist", "The backup does not exist.");
  }
  return found;
}
