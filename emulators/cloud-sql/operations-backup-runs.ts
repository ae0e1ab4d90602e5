import { paginate } from "../kit/page.ts";
import { begin, requireIdle } from "./begin.ts";
import {
  ANY_INSTANCE,
  findInstance,
  findRun,
  requirePrimary,
  requireRunning,
  runsOf,
} from "./find.ts";
import type { BackupJson, InstanceRequest } from "./json.ts";
import { newRun } from "./new-backup.ts";
import { toPageRequest } from "./operations-instances.ts";
import { invalidOperation } from "./sql-error.ts";
import type { BackupRecord, CloudSql, InstanceRecord } from "./state.ts";
import { operationView, runView } from "./views.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/** SqlBackupRunsService.Insert */
export function insertBackupRun(
  run: CloudSql,
  request: InstanceRequest & { readonly body?: BackupJson },
  now: number,
): object {
  const instance = findInstance(run.state, request);
  return takeBackup(run, { instance, wanted: request.body ?? {}, expiryMs: null }, now);
}

/** SqlBackupRunsService.Get */
export function getBackupRun(
  run: CloudSql,
  request: InstanceRequest & { readonly id?: string },
): object {
  return runView(findRun(run.state, request));
}

/** SqlBackupRunsService.List: newest first; the instance `-` means every one of the project. */
export function listBackupRuns(
  run: CloudSql,
  request: InstanceRequest & { readonly maxResults?: number; readonly pageToken?: string },
): object {
  const { project = "", instance = "" } = request;
  if (instance !== ANY_INSTANCE) {
    findInstance(run.state, request);
  }
  const runs = runsOf(run.state, { project, instance });
  const page = paginate(runs, toPageRequest(request), PAGE_LIMITS);
  return {
    kind: "sql#backupRunsList",
    items: page.items.map(runView),
    nextPageToken: page.nextPageToken,
  };
}

/** SqlBackupRunsService.Delete */
export function deleteBackupRun(
  run: CloudSql,
  request: InstanceRequest & { readonly id?: string },
  now: number,
): object {
  return removeBackup(run, findRun(run.state, request), now);
}

/** What a new on-demand backup is of and how long it is kept. */
type WantedBackup = {
  readonly instance: InstanceRecord;
  readonly wanted: BackupJson;
  readonly expiryMs: number | null;
};

/** Takes an on-demand backup, which both backup services can be asked for. */
export function takeBackup(
  run: CloudSql,
  { instance, wanted, expiryMs }: WantedBackup,
  now: number,
): object {
  const { state, durations } = run;
  requirePrimary(instance);
  requireOwnBackups(instance);
  requireIdle(state, instance);
  requireRunning(instance);
  const { description, location } = wanted;
  const backup = newRun(state, instance, {
    type: "ON_DEMAND",
    nowMs: now,
    description,
    location,
    expiryMs,
  });
  state.backups.set(backup.uid, { ...backup, begun: true });
  const work = { kind: "backup", uid: backup.uid } as const;
  const durationMs = durations.backupMs;
  const operation = begin(run, { target: instance, type: "BACKUP_VOLUME", work, durationMs }, now);
  return operationView(state, operation);
}

/** Deletes a backup, which keeps its instance busy if that still exists. */
export function removeBackup(run: CloudSql, backup: BackupRecord, now: number): object {
  const { state, durations } = run;
  const { project, instance: name, uid } = backup;
  const target = { project, name };
  const operation = begin(
    run,
    {
      target,
      type: "DELETE_BACKUP",
      work: { kind: "delete-backup", uid },
      durationMs: durations.changeMs,
      locks: backup.instanceDeletionMs === null ? [target] : [],
    },
    now,
  );
  state.backups.set(uid, { ...backup, status: "DELETION_PENDING" });
  return operationView(state, operation);
}

/** Backup and DR keeps the backups of an instance with enhanced ones; Cloud SQL takes none itself. */
function requireOwnBackups({ resource }: InstanceRecord): void {
  const tier = resource.settings.backupConfiguration?.backupTier;
  if (tier === "ENHANCED" || tier === "ADVANCED") {
    throw invalidOperation();
  }
}
