import { isRecord } from "../kit/json.ts";
import { invalid } from "./sql-error.ts";
import type { SettingsJson } from "./state.ts";

/** https://cloud.google.com/sql/docs/postgres/backup-recovery/backups */
const RETAINED_BACKUPS_DEFAULT = 7;
const RETAINED_BACKUPS_MAX = 365;
const LOG_DAYS_DEFAULT = 7;
const LOG_DAYS_MAX = 7;
const LOG_DAYS_PLUS_DEFAULT = 14;
const LOG_DAYS_PLUS_MAX = 35;

/**
 * Fills settings with the defaults of the service that somebody looks at, and checks them.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function completeSettings(given: SettingsJson): SettingsJson {
  if ((given.tier ?? "") === "") {
    throw invalid("Missing parameter: tier.");
  }
  const { edition = "ENTERPRISE", backupConfiguration = {} } = given;
  return {
    kind: "sql#settings",
    settingsVersion: "1",
    activationPolicy: "ALWAYS",
    dataDiskSizeGb: "10",
    ...given,
    edition,
    backupConfiguration: completeBackups(backupConfiguration, edition === "ENTERPRISE_PLUS"),
  };
}

type Backups = NonNullable<SettingsJson["backupConfiguration"]>;

function completeBackups(given: Backups, isPlus: boolean): Backups {
  const backups = {
    enabled: false,
    startTime: "03:00",
    backupTier: "STANDARD",
    transactionLogRetentionDays: isPlus ? LOG_DAYS_PLUS_DEFAULT : LOG_DAYS_DEFAULT,
    ...given,
    kind: "sql#backupConfiguration",
    backupRetentionSettings: {
      retentionUnit: "COUNT",
      retainedBackups: RETAINED_BACKUPS_DEFAULT,
      ...given.backupRetentionSettings,
    },
  };
  const { retainedBackups } = backups.backupRetentionSettings;
  checkRange("backupRetentionSettings.retainedBackups", retainedBackups, RETAINED_BACKUPS_MAX);
  const daysMax = isPlus ? LOG_DAYS_PLUS_MAX : LOG_DAYS_MAX;
  checkRange("transactionLogRetentionDays", backups.transactionLogRetentionDays, daysMax);
  if (!backups.enabled && keepsLogs(backups)) {
    throw invalid("point in time recovery must be disabled when automated backups are disabled.");
  }
  return backups;
}

/** Whether transaction logs are kept, so that the instance can be recovered as of a point in time. */
export function keepsLogs({ pointInTimeRecoveryEnabled, binaryLogEnabled }: Backups): boolean {
  return pointInTimeRecoveryEnabled === true || binaryLogEnabled === true;
}

function checkRange(field: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw invalid(`backupConfiguration.${field} must be from 1 to ${max}, but is ${value}.`);
  }
}

/**
 * Puts a patch over settings: fields of messages are merged, lists and plain values replaced.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/patch
 */
export function mergeSettings(
  current: SettingsJson,
  patch: SettingsJson | undefined,
): SettingsJson {
  return merge({ ...current }, { ...patch });
}

function merge(
  current: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...current };
  for (const [name, value] of Object.entries(patch)) {
    const before = merged[name];
    merged[name] = isRecord(before) && isRecord(value) ? merge(before, value) : value;
  }
  return merged;
}
