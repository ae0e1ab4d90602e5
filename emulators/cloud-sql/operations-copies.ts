import { begin, requireIdle } from "./begin.ts";
import { contentAt, currentContent, recoveryWindow } from "./content.ts";
import { majorVersion } from "./engine.ts";
import {
  findBackup,
  findInstance,
  findRun,
  replicasOf,
  requirePrimary,
  requireRunning,
} from "./find.ts";
import type { InstanceJson, InstanceRequest } from "./json.ts";
import { newInstance } from "./new-instance.ts";
import { completeSettings, mergeSettings } from "./settings.ts";
import { invalid, invalidOperation } from "./sql-error.ts";
import { type BackupRecord, type CloudSql, type InstanceRecord, toKey } from "./state.ts";
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
  readonly restoreInstanceSettings?: InstanceJson;
};

/** google.cloud.sql.v1.CloneContext in JSON. */
type CloneJson = {
  readonly destinationInstanceName?: string;
  readonly destinationProject?: string;
  readonly pointInTime?: string;
  readonly preferredZone?: string;
  readonly databaseNames?: readonly string[];
  readonly binLogCoordinates?: object;
  readonly sourceInstanceDeletionTime?: string;
};

/**
 * SqlInstancesService.RestoreBackup: into an instance that exists, which then holds what the backup
 * has, or by a backup's name into a new one.
 */
export function restoreBackup(
  run: CloudSql,
  request: InstanceRequest & { readonly body?: RestoreJson },
  now: number,
): object {
  const { project = "", instance: name = "", body = {} } = request;
  const backup = sourceOf(run, request, body);
  if (backup.status !== "SUCCESSFUL") {
    throw invalid("the backup is not successful.");
  }
  const isNew = body.backup !== undefined && !run.state.instances.has(toKey({ project, name }));
  return isNew
    ? restoreNew(run, { project, name, backup, overrides: body.restoreInstanceSettings ?? {} }, now)
    : restoreExisting(run, { target: findInstance(run.state, request), backup, body }, now);
}

/** SqlInstancesService.Clone: as the source is now, or was at a time of its recovery window. */
export function cloneInstance(
  run: CloudSql,
  request: InstanceRequest & { readonly body?: { readonly cloneContext?: CloneJson } },
  now: number,
): object {
  const { state, durations } = run;
  const source = findInstance(state, request);
  const context = request.body?.cloneContext ?? {};
  refuseUncovered(context);
  requireIdle(state, source);
  requireRunning(source);
  requirePrimary(source);
  const content =
    context.pointInTime === undefined
      ? currentContent(state, source).text
      : contentThen(run, { source, atMs: Date.parse(context.pointInTime) }, now);
  const place = {
    project: context.destinationProject ?? source.project,
    name: context.destinationInstanceName ?? "",
  };
  const { resource, databases } = source;
  const zone = context.preferredZone === undefined ? {} : { gceZone: context.preferredZone };
  const settings = { ...resource.settings, settingsVersion: "1" };
  const cloned = { ...resource, ...zone, settings };
  newInstance(state, place, { resource: cloned, databases, content, nowMs: now });
  const operation = begin(
    run,
    {
      target: place,
      type: "CLONE",
      work: { kind: "create-instance" },
      durationMs: durations.cloneMs,
      locks: [place, source],
    },
    now,
  );
  return operationView(state, operation);
}

function contentThen(
  run: CloudSql,
  { source, atMs }: { readonly source: InstanceRecord; readonly atMs: number },
  now: number,
): string {
  const window = recoveryWindow(run, source, now);
  if (window === null) {
    throw invalid("point in time recovery is not enabled for the source instance.");
  }
  if (!(atMs >= window.earliestMs && atMs <= window.latestMs)) {
    throw invalid("the point in time is outside the recovery window of the source instance.");
  }
  return contentAt(source, atMs);
}

function refuseUncovered(context: CloneJson): void {
  for (const field of [
    "databaseNames",
    "binLogCoordinates",
    "sourceInstanceDeletionTime",
  ] as const) {
    if (context[field] !== undefined) {
      throw googleError("UNIMPLEMENTED", `The emulator does not implement cloneContext.${field}.`);
    }
  }
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
  if (backup === undefined) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement backupdrBackup.");
  }
  return findBackup(run.state, backup);
}

/** Source: https://cloud.google.com/sql/docs/postgres/backup-recovery/restore */
function restoreExisting(
  run: CloudSql,
  {
    target,
    backup,
    body,
  }: {
    readonly target: InstanceRecord;
    readonly backup: BackupRecord;
    readonly body: RestoreJson;
  },
  now: number,
): object {
  const { state, durations } = run;
  if (body.restoreInstanceSettings !== undefined) {
    throw invalid("restoreInstanceSettings is for a restore to a new instance only.");
  }
  requirePrimary(target);
  if (replicasOf(state, target).length > 0) {
    throw invalidOperation();
  }
  requireIdle(state, target);
  requireSameVersion(backup, target.resource.databaseVersion);
  const sizes = [backup.resource.settings, target.resource.settings].map(({ dataDiskSizeGb }) =>
    Number(dataDiskSizeGb),
  );
  const operation = begin(
    run,
    {
      target,
      type: "RESTORE_VOLUME",
      work: {
        kind: "restore",
        content: backup.content,
        databases: backup.databases,
        diskSizeGb: String(Math.max(...sizes)),
      },
      durationMs: durations.restoreMs,
    },
    now,
  );
  return operationView(state, operation);
}

function restoreNew(
  run: CloudSql,
  {
    project,
    name,
    backup,
    overrides,
  }: {
    readonly project: string;
    readonly name: string;
    readonly backup: BackupRecord;
    readonly overrides: InstanceJson;
  },
  now: number,
): object {
  const { state, durations } = run;
  const { resource, databases, content } = backup;
  requireSameVersion(backup, overrides.databaseVersion ?? resource.databaseVersion);
  const merged = mergeSettings(resource.settings, overrides.settings ?? {});
  if (Number(merged.dataDiskSizeGb) < Number(resource.settings.dataDiskSizeGb)) {
    throw invalid("the size of the data disk cannot be decreased.");
  }
  const { masterInstanceName: _none, ...own } = resource;
  const restored = {
    ...own,
    region: overrides.region ?? resource.region,
    databaseVersion: overrides.databaseVersion ?? resource.databaseVersion,
    settings: completeSettings({ ...merged, settingsVersion: "1" }, resource.databaseVersion),
  };
  const place = { project, name };
  newInstance(state, place, { resource: restored, databases, content, nowMs: now });
  const work = { kind: "create-instance" } as const;
  const durationMs = durations.restoreMs;
  const operation = begin(run, { target: place, type: "RESTORE_VOLUME", work, durationMs }, now);
  return operationView(state, operation);
}

function requireSameVersion({ resource }: BackupRecord, databaseVersion: string): void {
  if (majorVersion(resource.databaseVersion) !== majorVersion(databaseVersion)) {
    throw invalid(
      `a backup of ${resource.databaseVersion} cannot be restored to ${databaseVersion}.`,
    );
  }
}
