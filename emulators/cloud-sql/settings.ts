import { isRecord } from "../kit/json.ts";
import { engineOf } from "./engine.ts";
import type { BackupConfigurationJson, SettingsJson } from "./json.ts";
import { invalid } from "./sql-error.ts";

/** https://cloud.google.com/sql/docs/postgres/backup-recovery/backups */
const RETAINED_BACKUPS_DEFAULT = 7;
const RETAINED_BACKUPS_MAX = 365;
const LOG_DAYS_DEFAULT = 7;
const LOG_DAYS_MAX = 7;
const LOG_DAYS_PLUS_DEFAULT = 14;
const LOG_DAYS_PLUS_MAX = 35;
const START_TIME_DEFAULT = "03:00";
const DISK_MIN_GB = 10;

/**
 * Fills settings with the defaults of the service and checks them against the server they are for.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function completeSettings(given: SettingsJson, databaseVersion: string): SettingsJson {
  if ((given.tier ?? "") === "") {
    throw invalid("Missing parameter: tier.");
  }
  const settings = {
    activationPolicy: "ALWAYS",
    availabilityType: "ZONAL",
    pricingPlan: "PER_USE",
    edition: "ENTERPRISE",
    dataDiskType: "PD_SSD",
    dataDiskSizeGb: String(DISK_MIN_GB),
    storageAutoResize: true,
    ...given,
    kind: "sql#settings",
    settingsVersion: given.settingsVersion ?? "1",
    ipConfiguration: { ipv4Enabled: true, ...given.ipConfiguration },
  };
  if (Number(settings.dataDiskSizeGb) < DISK_MIN_GB) {
    throw invalid(`dataDiskSizeGb must be at least ${DISK_MIN_GB}.`);
  }
  const backupConfiguration = completeBackups(settings, databaseVersion);
  return { ...settings, backupConfiguration };
}

/**
 * Puts a patch over settings: fields of messages are merged, lists and plain values replaced.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/patch
 */
export function mergeSettings(current: SettingsJson, patch: SettingsJson): SettingsJson {
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

/** Whether transaction logs are kept, so that the instance can be recovered as of a point in time. */
export function keepsLogs({ backupConfiguration: backups = {} }: SettingsJson): boolean {
  return backups.pointInTimeRecoveryEnabled === true || backups.binaryLogEnabled === true;
}

/** For how long transaction logs are kept, in days. */
export function logDays({ backupConfiguration: backups = {} }: SettingsJson): number {
  return backups.transactionLogRetentionDays ?? LOG_DAYS_DEFAULT;
}

/** How many automated backups are kept. */
export function retainedBackups({ backupConfiguration: backups = {} }: SettingsJson): number {
  return backups.backupRetentionSettings?.retainedBackups ?? RETAINED_BACKUPS_DEFAULT;
}

function completeBackups(
  { backupConfiguration: given = {}, edition }: SettingsJson,
  databaseVersion: string,
): BackupConfigurationJson {
  const isPlus = edition === "ENTERPRISE_PLUS";
  const backups = {
    enabled: false,
    startTime: START_TIME_DEFAULT,
    transactionLogRetentionDays: isPlus ? LOG_DAYS_PLUS_DEFAULT : LOG_DAYS_DEFAULT,
    ...given,
    kind: "sql#backupConfiguration",
    backupTier: given.backupTier ?? "STANDARD",
    backupRetentionSettings: {
      retainedBackups: RETAINED_BACKUPS_DEFAULT,
      ...given.backupRetentionSettings,
      retentionUnit: "COUNT",
    },
  };
  checkRange("backupRetentionSettings.retainedBackups", {
    value: backups.backupRetentionSettings.retainedBackups,
    max: RETAINED_BACKUPS_MAX,
  });
  checkRange("transactionLogRetentionDays", {
    value: backups.transactionLogRetentionDays,
    max: isPlus ? LOG_DAYS_PLUS_MAX : LOG_DAYS_MAX,
  });
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(backups.startTime)) {
    throw invalid(`backupConfiguration.startTime is not HH:MM: ${backups.startTime}.`);
  }
  checkLogs(backups, databaseVersion);
  return backups;
}

function checkLogs(backups: BackupConfigurationJson, databaseVersion: string): void {
  const isMysql = engineOf(databaseVersion) === "MYSQL";
  const { pointInTimeRecoveryEnabled = false, binaryLogEnabled = false } = backups;
  if (pointInTimeRecoveryEnabled && isMysql) {
    throw invalid("point in time recovery of MySQL is enabled by binaryLogEnabled.");
  }
  if (binaryLogEnabled && !isMysql) {
    throw invalid("binaryLogEnabled is for MySQL only.");
  }
  if ((pointInTimeRecoveryEnabled || binaryLogEnabled) && backups.enabled !== true) {
    throw invalid("point in time recovery must be disabled when automated backups are disabled.");
  }
}

function checkRange(
  field: string,
  { value, max }: { readonly value: number; readonly max: number },
): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw invalid(`backupConfiguration.${field} must be from 1 to ${max}, but is ${value}.`);
  }
}
