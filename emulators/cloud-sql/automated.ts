import { begin, isBusy } from "./begin.ts";
import { newRun } from "./new-backup.ts";
import { retainedBackups } from "./settings.ts";
import {
  type BackupRecord,
  type CloudSql,
  type InstanceRecord,
  type State,
  toKey,
} from "./state.ts";

/** https://cloud.google.com/sql/docs/postgres/backup-recovery/backups#automated-backups */
const WINDOW_MS = 4 * 3_600_000;
const DAY_MS = 86_400_000;

/** When the next daily window of automated backups begins; null when they are off. */
export function nextWindow({ resource }: InstanceRecord, afterMs: number): number | null {
  const { enabled = false, startTime = "00:00" } = resource.settings.backupConfiguration ?? {};
  const day = new Date(afterMs).toISOString().slice(0, 10);
  const todayMs = Date.parse(`${day}T${startTime}:00Z`);
  if (!enabled) {
    return null;
  }
  return todayMs > afterMs ? todayMs : todayMs + DAY_MS;
}

/**
 * A window begins: the backup of the day is taken, as soon as nothing else is under way. A stopped
 * instance skips it, and one still waits from the day before is enough.
 */
export function openWindow(run: CloudSql, instance: InstanceRecord, atMs: number): void {
  const { state } = run;
  const next = { ...instance, nextWindowMs: nextWindow(instance, atMs) };
  state.instances.set(toKey(instance), next);
  if (next.state === "FAILED" || waitingRun(state, next) !== undefined) {
    return;
  }
  const backup = newRun(state, next, { type: "AUTOMATED", nowMs: atMs });
  const isStopped = next.resource.settings.activationPolicy === "NEVER";
  state.backups.set(backup.uid, {
    ...backup,
    windowStartMs: atMs,
    status: isStopped ? "SKIPPED" : "ENQUEUED",
    begun: isStopped,
  });
  if (isStopped) {
    pruneAutomated(state, next);
    return;
  }
  beginWaiting(run, next, atMs);
}

/** Takes the automated backup that an instance still waits for, if now it can. */
export function beginWaiting(run: CloudSql, instance: InstanceRecord, atMs: number): void {
  const { state, durations } = run;
  const backup = waitingRun(state, instance);
  if (backup === undefined || instance.state !== "RUNNABLE" || isBusy(state, instance)) {
    return;
  }
  const work = { kind: "backup", uid: backup.uid } as const;
  const durationMs = durations.backupMs;
  begin(run, { target: instance, type: "BACKUP_VOLUME", work, durationMs }, atMs);
  state.backups.set(backup.uid, { ...backup, begun: true });
}

/** When a waiting backup has missed its window; null for one that does not wait or has missed it. */
export function overdueMs({ begun, status, windowStartMs }: BackupRecord): number | null {
  return !begun && status === "ENQUEUED" && windowStartMs !== null
    ? windowStartMs + WINDOW_MS
    : null;
}

/** Deletes the automated backups of an instance beyond the number that it keeps, oldest first. */
export function pruneAutomated(state: State, { project, name, resource }: InstanceRecord): void {
  const kept = retainedBackups(resource.settings);
  const own = [...state.backups.values()]
    .filter((one) => one.project === project && one.instance === name)
    .filter((one) => one.type === "AUTOMATED")
    .toSorted((left, right) => right.enqueuedMs - left.enqueuedMs);
  const good = own.filter(({ status }) => status === "SUCCESSFUL");
  const rest = own.filter(({ status }) => status === "FAILED" || status === "SKIPPED");
  for (const { uid } of [...good.slice(kept), ...rest.slice(kept)]) {
    state.backups.delete(uid);
  }
}

function waitingRun(state: State, { project, name }: InstanceRecord): BackupRecord | undefined {
  return [...state.backups.values()].find(
    (one) =>
      one.project === project && one.instance === name && one.type === "AUTOMATED" && !one.begun,
  );
}
