import { begin, requireIdle } from "./begin.ts";
import { majorVersion } from "./engine.ts";
import { findInstance, findRun, replicasOf, requirePrimary } from "./find.ts";
import type { InstanceRequest } from "./json.ts";
import { invalid, invalidOperation } from "./sql-error.ts";
import type { BackupRecord, CloudSql } from "./state.ts";
import { operationView } from "./views.ts";
import { googleError } from "../kit/google-error.ts";

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
  run: CloudSql,
  request: InstanceRequest & { readonly body?: RestoreJson },
  now: number,
): object {
  const { state, durations } = run;
  const { resource, status, content } = sourceOf(run, request, request.body ?? {});
  const target = findInstance(state, request);
  if (status !== "SUCCESSFUL") {
    throw invalid("the backup is not successful.");
  }
  requirePrimary(target);
  if (replicasOf(state, target).length > 0) {
    throw invalidOperation();
  }
  requireIdle(state, target);
  const { databaseVersion } = target.resource;
  if (majorVersion(resource.databaseVersion) !== majorVersion(databaseVersion)) {
    throw invalid(
      `a backup of ${resource.databaseVersion} cannot be restored to ${databaseVersion}.`,
    );
  }
  const sizes = [resource.settings, target.resource.settings].map(({ dataDiskSizeGb }) =>
    Number(dataDiskSizeGb),
  );
  const work = { kind: "restore", content, diskSizeGb: String(Math.max(...sizes)) } as const;
  const durationMs = durations.restoreMs;
  return operationView(
    state,
    begin(run, { target, type: "RESTORE_VOLUME", work, durationMs }, now),
  );
}

function sourceOf(run: CloudSql, request: InstanceRequest, body: RestoreJson): BackupRecord {
  const { restoreBackupContext: context, backup, backupdrBackup } = body;
  const given = [context, backup, backupdrBackup].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw invalid("exactly one of restoreBackupContext, backup and backupdrBackup must be set.");
  }
  if (context !== undefined) {
    const { backupRunId = "0", instanceId = request.instance, project = request.project } = context;
    return findRun(run.state, {
      id: backupRunId,
      ...(instanceId === undefined ? {} : { instance: instanceId }),
      ...(project === undefined ? {} : { project }),
    });
  }
  const field = backup === undefined ? "backupdrBackup" : "backup";
  throw googleError("UNIMPLEMENTED", `The emulator does not implement ${field}.`);
}
