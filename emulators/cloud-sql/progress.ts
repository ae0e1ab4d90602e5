import type { Due } from "../kit/pace.ts";
import { beginWaiting, nextWindow, openWindow, overdueMs, pruneAutomated } from "./automated.ts";
import { currentContent, keepLogs } from "./content.ts";
import {
  type BackupRecord,
  type CloudSql,
  type InstanceRecord,
  type OperationRecord,
  type State,
  toKey,
} from "./state.ts";

/** All that is to happen by itself. */
export function* allDue(run: CloudSql): Generator<Due> {
  const { state } = run;
  for (const operation of state.operations.values()) {
    yield* operationDue(run, operation);
  }
  for (const instance of state.instances.values()) {
    if (instance.nextWindowMs !== null) {
      yield { atMs: instance.nextWindowMs, happen: () => onWindow(run, instance) };
    }
  }
  for (const backup of state.backups.values()) {
    yield* backupDue(state, backup);
  }
}

function* operationDue(run: CloudSql, operation: OperationRecord): Generator<Due> {
  if (operation.phase === "PENDING") {
    yield { atMs: operation.startMs, happen: () => startOperation(run, operation) };
  }
  if (operation.phase === "RUNNING") {
    yield { atMs: operation.endMs, happen: () => endOperation(run, operation) };
  }
}

function* backupDue(state: State, backup: BackupRecord): Generator<Due> {
  const { uid } = backup;
  const atMs = overdueMs(backup);
  if (atMs !== null) {
    yield { atMs, happen: () => void state.backups.set(uid, { ...backup, status: "OVERDUE" }) };
  }
}

function onWindow(run: CloudSql, instance: InstanceRecord): void {
  openWindow(run, instance, instance.nextWindowMs ?? 0);
}

function startOperation({ state }: CloudSql, operation: OperationRecord): void {
  const { name, work, startMs } = operation;
  state.operations.set(name, { ...operation, phase: "RUNNING" });
  if (work.kind === "backup") {
    // A backup has what the instance held when it started, whatever is written while it is taken.
    updateBackup(state, work.uid, (backup) => ({
      ...backup,
      status: "RUNNING",
      startMs,
      ...heldBy(state, backup),
    }));
  }
  if (work.kind === "restore") {
    updateInstance(state, operation, (instance) => ({ ...instance, state: "MAINTENANCE" }));
  }
}

function heldBy(state: State, backup: BackupRecord): Partial<BackupRecord> {
  const instance = state.instances.get(toKey({ project: backup.project, name: backup.instance }));
  if (instance === undefined) {
    return {};
  }
  return { resource: instance.resource, content: currentContent(state, instance).text };
}

function endOperation(run: CloudSql, operation: OperationRecord): void {
  const { state } = run;
  state.operations.set(operation.name, { ...operation, phase: "DONE" });
  if (operation.failure === null) {
    succeed(run, operation);
  } else {
    fail(state, operation, operation.failure);
  }
  const { project, instance: name, endMs } = operation;
  const instance = state.instances.get(toKey({ project, name }));
  if (instance !== undefined) {
    beginWaiting(run, instance, endMs);
  }
}

function succeed({ state }: CloudSql, operation: OperationRecord): void {
  const { work, endMs } = operation;
  switch (work.kind) {
    case "create-instance":
      updateInstance(state, operation, (instance) => toRunnable(instance, endMs));
      return;
    case "update-instance":
      updateInstance(state, operation, (instance) => {
        const changed = keepLogs({ ...instance, resource: work.resource }, endMs);
        return { ...changed, nextWindowMs: nextWindow(changed, endMs) };
      });
      return;
    case "delete-instance":
      deleteInstance(state, operation);
      return;
    case "backup":
      updateBackup(state, work.uid, (backup) => ({ ...backup, status: "SUCCESSFUL", endMs }));
      updateInstance(state, operation, (instance) => {
        pruneAutomated(state, instance);
        return instance;
      });
      return;
    case "delete-backup":
      state.backups.delete(work.uid);
      return;
    case "restore":
      updateInstance(state, operation, (instance) => restored(instance, work, endMs));
  }
}

/** What a failed operation was to change stays as it was; only what it was to make has failed. */
function fail(state: State, operation: OperationRecord, failure: string): void {
  const { work, endMs } = operation;
  if (work.kind === "create-instance") {
    updateInstance(state, operation, (instance) => ({ ...instance, state: "FAILED" }));
  }
  if (work.kind === "restore" || work.kind === "delete-instance") {
    updateInstance(state, operation, (instance) => ({ ...instance, state: "RUNNABLE" }));
  }
  if (work.kind === "backup") {
    updateBackup(state, work.uid, (backup) => ({ ...backup, status: "FAILED", endMs, failure }));
  }
  if (work.kind === "delete-backup") {
    updateBackup(state, work.uid, (backup) => ({
      ...backup,
      status: backup.failure === null ? "SUCCESSFUL" : "FAILED",
    }));
  }
}

function toRunnable(instance: InstanceRecord, atMs: number): InstanceRecord {
  const runnable = keepLogs({ ...instance, state: "RUNNABLE" }, atMs);
  return { ...runnable, nextWindowMs: nextWindow(runnable, atMs) };
}

/**
 * The instance holds what the backup had. Its own settings stay, its disk is no smaller than it was,
 * and its transaction logs of the time before are gone.
 * Source: https://cloud.google.com/sql/docs/postgres/backup-recovery/restore
 */
function restored(
  instance: InstanceRecord,
  work: Extract<OperationRecord["work"], { readonly kind: "restore" }>,
  atMs: number,
): InstanceRecord {
  const version = instance.content.version + 1;
  const settings = { ...instance.resource.settings, dataDiskSizeGb: work.diskSizeGb };
  const emptied: InstanceRecord = {
    ...instance,
    state: "RUNNABLE",
    resource: { ...instance.resource, settings },
    content: { version, text: work.content },
    logsSinceMs: null,
  };
  return keepLogs(emptied, atMs);
}

/** Its backups go with it. */
function deleteInstance(state: State, { project, instance: name }: OperationRecord): void {
  for (const backup of state.backups.values()) {
    if (backup.project === project && backup.instance === name) {
      state.backups.delete(backup.uid);
    }
  }
  state.instances.delete(toKey({ project, name }));
}

function updateInstance(
  state: State,
  { project, instance: name }: OperationRecord,
  change: (instance: InstanceRecord) => InstanceRecord,
): void {
  const key = toKey({ project, name });
  const instance = state.instances.get(key);
  if (instance !== undefined) {
    state.instances.set(key, change(instance));
  }
}

function updateBackup(
  state: State,
  uid: string,
  change: (backup: BackupRecord) => BackupRecord,
): void {
  const backup = state.backups.get(uid);
  if (backup !== undefined) {
    state.backups.set(uid, change(backup));
  }
}
