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
import type { BackupRunJson, InstanceRequest } from "./json.ts";
import { newRun } from "./new-backup.ts";
import { toPageRequest } from "./operations-instances.ts";
import { invalidOperation } from "./sql-error.ts";
import type { CloudSql, InstanceRecord } from "./state.ts";
import { operationView, runView } from "./views.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/** SqlBackupRunsService.Insert */
export function insertBackupRun(
  run: CloudSql,
  request: InstanceRequest & { readonly body?: BackupRunJson },
  now: number,
): object {
  const { state, durations } = run;
  const instance = findInstance(state, request);
  requirePrimary(instance);
  requireOwnBackups(instance);
  requireIdle(state, instance);
  requireRunning(instance);
  const backup = newRun(state, instance, { ...request.body, type: "ON_DEMAND", nowMs: now });
  state.backups.set(backup.uid, { ...backup, begun: true });
  const work = { kind: "backup", uid: backup.uid } as const;
  const durationMs = durations.backupMs;
  const operation = begin(run, { target: instance, type: "BACKUP_VOLUME", work, durationMs }, now);
  return operationView(state, operation);
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

/** SqlBackupRunsService.Delete: it keeps its instance busy. */
export function deleteBackupRun(
  run: CloudSql,
  request: InstanceRequest & { readonly id?: string },
  now: number,
): object {
  const { state, durations } = run;
  const backup = findRun(state, request);
  const { project, instance: name, uid } = backup;
  const work = { kind: "delete-backup", uid } as const;
  const durationMs = durations.changeMs;
  const target = { project, name };
  const operation = begin(run, { target, type: "DELETE_BACKUP", work, durationMs }, now);
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
