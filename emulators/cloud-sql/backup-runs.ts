import { toTimestamp } from "../kit/clock.ts";
import { withoutHidden } from "../kit/collection.ts";
import { googleError } from "../kit/google-error.ts";
import { begin, LINK_BASE, listOf, type ListRequest, requireIdle } from "./operations.ts";
import { invalid, invalidOperation, sqlError } from "./sql-error.ts";
import {
  type BackupRun,
  type CloudSql,
  findInstance,
  type Instance,
  type InstanceRequest,
  replicasOf,
} from "./state.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/** Stands for every instance of a project where backup runs are listed. */
const ANY_INSTANCE = "-";

/** Those whose backups Backup and DR keeps: Cloud SQL takes none itself. */
const MANAGED_TIERS: ReadonlySet<string> = new Set(["ENHANCED", "ADVANCED"]);

type RunRequest = InstanceRequest & { readonly id?: string };

/** SqlBackupRunsService.Insert: of a primary that runs, and one after the other. */
export function insertBackupRun(
  sql: CloudSql,
  request: InstanceRequest & {
    readonly body?: { readonly description?: string; readonly location?: string };
  },
  nowMs: number,
): object {
  const instance = findInstance(sql, request);
  const { project, name, databaseVersion, settings, state } = instance;
  requirePrimary(instance);
  if (MANAGED_TIERS.has(settings.backupConfiguration?.backupTier ?? "")) {
    throw invalidOperation();
  }
  requireIdle(sql, instance);
  if (state !== "RUNNABLE") {
    throw invalid("Invalid request since instance is not running.");
  }
  const { description = "", location = "us" } = request.body ?? {};
  const newest = runsOf(sql, { project, instance: name })[0];
  const id = String(Math.max(Number(newest?.id ?? 0) + 1, nowMs));
  const enqueuedTime = toTimestamp(nowMs);
  const run = {
    kind: "sql#backupRun",
    id,
    instance: name,
    type: "ON_DEMAND",
    status: "ENQUEUED" as const,
    description,
    location,
    enqueuedTime,
    windowStartTime: enqueuedTime,
    databaseVersion,
    backupKind: "SNAPSHOT",
    selfLink: `${LINK_BASE}/${project}/instances/${name}/backupRuns/${id}`,
    hidden: { project, content: "" },
  };
  sql.state.BackupRun.set(`${project}/${name}/${id}`, run);
  const { backupMs: durationMs } = sql.durations;
  const operationType = "BACKUP_VOLUME";
  return begin(sql, { operationType, target: instance, durationMs, backupId: id }, nowMs);
}

/** SqlBackupRunsService.Get */
export function getBackupRun(sql: CloudSql, request: RunRequest): object {
  return withoutHidden(findRun(sql, request));
}

/** SqlBackupRunsService.List: newest first; the instance `-` means every one of the project. */
export function listBackupRuns(sql: CloudSql, request: ListRequest): object {
  if (request.instance !== ANY_INSTANCE) {
    findInstance(sql, request);
  }
  return listOf("sql#backupRunsList", runsOf(sql, request), { request, limits: PAGE_LIMITS });
}

/** SqlBackupRunsService.Delete: it keeps its instance busy. */
export function deleteBackupRun(sql: CloudSql, request: RunRequest, nowMs: number): object {
  const run = findRun(sql, request);
  const { id: backupId, instance: name, hidden } = run;
  const { changeMs: durationMs } = sql.durations;
  const target = { project: hidden.project, name };
  const operationType = "DELETE_BACKUP";
  const operation = begin(sql, { operationType, target, durationMs, backupId }, nowMs);
  const key = `${hidden.project}/${name}/${backupId}`;
  sql.state.BackupRun.set(key, { ...run, status: "DELETION_PENDING" });
  return operation;
}

/** google.cloud.sql.v1.InstancesRestoreBackupRequest in JSON. */
type RestoreJson = {
  readonly restoreBackupContext?: {
    readonly backupRunId?: string;
    readonly instanceId?: string;
    readonly project?: string;
  };
  readonly backup?: string;
  readonly backupdrBackup?: string;
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
  const { status, hidden, databaseVersion: from } = sourceOf(sql, request);
  const target = findInstance(sql, request);
  if (status !== "SUCCESSFUL") {
    throw invalid("the backup is not successful.");
  }
  requirePrimary(target);
  if (replicasOf(sql, target).length > 0) {
    throw invalidOperation();
  }
  requireIdle(sql, target);
  if (from !== target.databaseVersion) {
    throw invalid(`a backup of ${from} cannot be restored to ${target.databaseVersion}.`);
  }
  const { restoreMs: durationMs } = sql.durations;
  const { content } = hidden;
  return begin(sql, { operationType: "RESTORE_VOLUME", target, durationMs, content }, nowMs);
}

function sourceOf(
  sql: CloudSql,
  { body = {}, ...into }: InstanceRequest & { readonly body?: RestoreJson },
): BackupRun {
  const { restoreBackupContext: context, backup, backupdrBackup } = body;
  const given = [context, backup, backupdrBackup].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw invalid("exactly one of restoreBackupContext, backup and backupdrBackup must be set.");
  }
  if (context === undefined) {
    const field = backup === undefined ? "backupdrBackup" : "backup";
    throw googleError("UNIMPLEMENTED", `The emulator does not implement ${field}.`);
  }
  const { backupRunId: id = "0", instanceId: instance = into.instance } = context;
  const { project = into.project } = context;
  return findRun(sql, { id, instance: instance ?? "", project: project ?? "" });
}

/** Refuses what a read replica cannot do. @throws GoogleError FAILED_PRECONDITION */
function requirePrimary({ masterInstanceName }: Instance): void {
  if (masterInstanceName !== undefined) {
    throw invalidOperation();
  }
}

/** The runs of an instance, newest first. */
function runsOf({ state }: CloudSql, { project, instance }: InstanceRequest): readonly BackupRun[] {
  return [...state.BackupRun.values()]
    .filter(({ hidden }) => hidden.project === project)
    .filter((one) => instance === ANY_INSTANCE || one.instance === instance)
    .toReversed();
}

/** The run of an instance with an id. @throws GoogleError NOT_FOUND */
function findRun(sql: CloudSql, request: RunRequest): BackupRun {
  const { project, name } = findInstance(sql, request);
  const found = sql.state.BackupRun.get(`${project}/${name}/${request.id ?? ""}`);
  if (found === undefined) {
    throw sqlError("backupDoesNotExist", "The backup does not exist.");
  }
  return found;
}
