import type { Content } from "../kit/content-routes.ts";
import { googleError } from "../kit/google-error.ts";
import { sqlError } from "./sql-error.ts";

/** What an instance holds: one text, whose versions count from 0. */
type SqlContent = Content & {
  /** Since when its transaction logs are there, which a restore takes away. */
  readonly sinceMs: number;
};

/** google.cloud.sql.v1.DatabaseInstance in JSON as its owner gave it, and what the API does not show of it. */
export type Instance = {
  readonly project: string;
  readonly name: string;
  readonly databaseVersion: string;
  readonly settings: SettingsJson;
  readonly hidden: { readonly content: SqlContent };
};

/** google.cloud.sql.v1.Settings in JSON, as far as the emulator reads it; other fields are kept. */
export type SettingsJson = {
  readonly tier?: string;
  readonly backupConfiguration?: {
    readonly pointInTimeRecoveryEnabled?: boolean;
    readonly binaryLogEnabled?: boolean;
    readonly transactionLogRetentionDays?: number;
    readonly backupTier?: string;
  };
};

/** What was begun, as it will be: when it starts and ends is known from the beginning, and whether it fails. */
export type Planned = {
  readonly startTime: string;
  readonly endTime: string;
  readonly error?: object;
};

/** google.cloud.sql.v1.BackupRun in JSON as it will be when it is taken, and what the API does not show of it. */
export type BackupRun = Planned & {
  /** Unique within its instance. */
  readonly id: string;
  readonly instance: string;
  readonly databaseVersion: string;
  readonly hidden: {
    /** What the instance held when the backup was asked for. */
    readonly content: string;
    /** When it is gone, for one that is being deleted. */
    readonly goneMs?: number;
  };
};

/** google.cloud.sql.v1.Operation in JSON as it will be when it is done. */
export type Operation = Planned & {
  /** A UUID. */
  readonly name: string;
  readonly targetProject: string;
  /** The instance that it is about, on which no other may run meanwhile. */
  readonly targetId: string;
  readonly operationType: "CREATE" | "BACKUP_VOLUME" | "DELETE_BACKUP" | "RESTORE_VOLUME";
  readonly error?: { readonly errors: readonly object[] };
};

/** A failure to come: the next such operation on the instance ends with the message. */
export type PlannedFailure = {
  readonly instance: string;
  readonly operation: "BACKUP_VOLUME" | "RESTORE_VOLUME";
  readonly message: string;
};

/** Everything that the emulator knows, with how long things take in milliseconds; every operation takes it first. */
export type CloudSql = {
  readonly state: {
    /** By `PROJECT/NAME`. */
    readonly instances: Map<string, Instance>;
    /** By `PROJECT/INSTANCE/ID`, oldest first. */
    readonly backupRuns: Map<string, BackupRun>;
    /** By name, oldest first. */
    readonly operations: Map<string, Operation>;
    /** In the order of their coming. */
    readonly failures: Map<string, PlannedFailure>;
  };
  readonly durations: Readonly<Record<"createMs" | "backupMs" | "restoreMs" | "changeMs", number>>;
};

/** The fields of a request that name an instance. */
export type InstanceRequest = { readonly project?: string; readonly instance?: string };

/**
 * The instance that a request names.
 * @throws GoogleError NOT_FOUND, also when it is in another project.
 */
export function findInstance({ state }: CloudSql, request: InstanceRequest): Instance {
  const found = state.instances.get(`${request.project ?? ""}/${request.instance ?? ""}`);
  if (found === undefined) {
    throw sqlError("instanceDoesNotExist", "The Cloud SQL instance does not exist.");
  }
  return found;
}

/** Puts an instance in its place. */
export function putInstance({ state }: CloudSql, instance: Instance): void {
  state.instances.set(`${instance.project}/${instance.name}`, instance);
}

/** Puts data into an instance. */
export function putContent(
  sql: CloudSql,
  instance: Instance,
  change: { readonly text: string; readonly sinceMs?: number },
): Content {
  const before = instance.hidden.content;
  const content = { ...before, version: before.version + 1, ...change };
  putInstance(sql, { ...instance, hidden: { content } });
  return content;
}

/** @throws GoogleError UNIMPLEMENTED */
export function notHere(what: string): never {
  throw googleError("UNIMPLEMENTED", `The emulator does not implement ${what}.`);
}
