import { Cron } from "croner";
import { invalidField, notEmulated, refusal } from "./refusal.ts";
import type { RetentionPolicy, Schedule } from "./schema.ts";
import type { BackupPlan } from "./state.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const INTERVAL_MIN_MS = 10 * MINUTE_MS;
const RPO_MINUTES = { min: 60, max: 86_400 };

/** How many backups a schedule may have kept at once. */
const BACKUPS_KEPT_MAX = 360;

/** How many of a schedule's times are looked at to find its shortest interval. */
const TIMES_LOOKED_AT = 64;

/**
 * Checks a schedule together with the retention that it needs.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/projects.locations.backupPlans#schedule
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkSchedule(schedule: Schedule, retention: RetentionPolicy, now: number): void {
  const { cronSchedule = "", rpoConfig } = schedule;
  if (cronSchedule === "" && rpoConfig === undefined) {
    return;
  }
  if (cronSchedule !== "" && rpoConfig !== undefined) {
    throw refusal(
      "INVALID_ARGUMENT",
      "CONFLICTING_BACKUP_PLAN_SCHEDULE_FIELDS",
      "A backup plan cannot have both a cron schedule and a RPO configuration. You can create a backup plan with cron schedule or RPO configuration.",
    );
  }
  const retainDays = retention.backupRetainDays ?? 0;
  if (retainDays === 0) {
    throw refusal(
      "INVALID_ARGUMENT",
      "MISSING_RETENTION_POLICY",
      "Backup plan with a defined backup schedule require a 'backup_retain_days' value. Specify the number of days to retain backups in the 'backup_retain_days' field and try again.",
    );
  }
  const intervalMs = cronSchedule === "" ? rpoInterval(rpoConfig) : cronInterval(cronSchedule, now);
  if (retainDays * DAY_MS > BACKUPS_KEPT_MAX * intervalMs) {
    throw invalidField(
      "retention_policy.backup_retain_days",
      `at most ${BACKUPS_KEPT_MAX} times the interval between backups`,
    );
  }
}

/** When a plan takes its next backup by itself, after a time; null for never. */
export function nextBackup(
  { backupSchedule, deactivated }: Pick<BackupPlan, "backupSchedule" | "deactivated">,
  afterMs: number,
): number | null {
  const { cronSchedule = "", rpoConfig, paused = false } = backupSchedule;
  if (paused || deactivated) {
    return null;
  }
  if (cronSchedule !== "") {
    return (
      new Cron(cronSchedule, { timezone: "UTC" }).nextRun(new Date(afterMs))?.getTime() ?? null
    );
  }
  return rpoConfig === undefined ? null : afterMs + rpoInterval(rpoConfig);
}

function rpoInterval(config: Schedule["rpoConfig"]): number {
  const { targetRpoMinutes = 0, exclusionWindows = [] } = config ?? {};
  if (exclusionWindows.length > 0) {
    throw notEmulated("rpoConfig.exclusionWindows");
  }
  if (targetRpoMinutes < RPO_MINUTES.min || targetRpoMinutes > RPO_MINUTES.max) {
    throw invalidField(
      "backup_schedule.rpo_config.target_rpo_minutes",
      `from ${RPO_MINUTES.min} to ${RPO_MINUTES.max}`,
    );
  }
  return targetRpoMinutes * MINUTE_MS;
}

/** The shortest time between two of a schedule's next times. */
function cronInterval(cronSchedule: string, now: number): number {
  const times = cronTimes(cronSchedule, now);
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const intervalMs = Math.min(...gaps);
  if (times.length < 2 || intervalMs < INTERVAL_MIN_MS) {
    throw invalidField(
      "backup_schedule.cron_schedule",
      "a standard cron string with at least 10 minutes between backups",
    );
  }
  return intervalMs;
}

function cronTimes(cronSchedule: string, now: number): readonly number[] {
  if (cronSchedule.trim().split(/\s+/).length !== 5) {
    return [];
  }
  try {
    const cron = new Cron(cronSchedule, { timezone: "UTC" });
    return cron.nextRuns(TIMES_LOOKED_AT, new Date(now)).map((time) => time.getTime());
  } catch {
    // What croner cannot read is no cron string.
    return [];
  }
}
