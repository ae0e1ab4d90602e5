import { noInstance } from "./sql-error.ts";

/** google.cloud.sql.v1.Settings in JSON, as far as the emulator reads it; other fields are kept. */
export type SettingsJson = {
  readonly kind?: string;
  readonly tier?: string;
  readonly edition?: string;
  readonly settingsVersion?: string;
  readonly activationPolicy?: string;
  readonly dataDiskSizeGb?: string;
  readonly deletionProtectionEnabled?: boolean;
  readonly backupConfiguration?: {
    readonly kind?: string;
    readonly enabled?: boolean;
    readonly startTime?: string;
    readonly pointInTimeRecoveryEnabled?: boolean;
    readonly binaryLogEnabled?: boolean;
    readonly transactionLogRetentionDays?: number;
    readonly backupRetentionSettings?: {
      readonly retentionUnit?: string;
      readonly retainedBackups?: number;
    };
    readonly backupTier?: string;
  };
};

/** google.cloud.sql.v1.DatabaseInstance in JSON, and what the API does not show of it. */
export type Instance = {
  readonly project: string;
  readonly name: string;
  readonly region: string;
  readonly databaseVersion: string;
  readonly settings: SettingsJson;
  /** `PROJECT:NAME`, set for a read replica. */
  readonly masterInstanceName?: string;
  readonly state: "PENDING_CREATE" | "RUNNABLE" | "MAINTENANCE" | "PENDING_DELETE" | "FAILED";
  readonly hidden: {
    /** Its data. Versions count from 0 in each instance. */
    readonly content: { readonly version: number; readonly text: string };
    /** Since when transaction logs are kept; null without point-in-time recovery. */
    readonly logsSinceMs: number | null;
  };
};

/** google.cloud.sql.v1.BackupRun in JSON, and what the API does not show of it. */
export type BackupRun = {
  /** Unique within its instance. */
  readonly id: string;
  readonly instance: string;
  readonly databaseVersion: string;
  readonly status: "ENQUEUED" | "RUNNING" | "FAILED" | "SUCCESSFUL" | "DELETION_PENDING";
  readonly error?: object;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly hidden: {
    readonly project: string;
    /** What the instance held when the backup started. */
    readonly content: string;
  };
};

/** The operation types that occur here. */
export type OperationType =
  | "CREATE"
  | "CREATE_REPLICA"
  | "UPDATE"
  | "DELETE"
  | "BACKUP_VOLUME"
  | "DELETE_BACKUP"
  | "RESTORE_VOLUME";

/** google.cloud.sql.v1.Operation in JSON, and what the API does not show of it. */
export type Operation = {
  /** A UUID. */
  readonly name: string;
  readonly targetProject: string;
  /** The instance that it is about, on which no other may run meanwhile. */
  readonly targetId: string;
  readonly operationType: OperationType;
  readonly status: "PENDING" | "RUNNING" | "DONE";
  readonly backupContext?: { readonly kind: string; readonly backupId: string };
  readonly startTime?: string;
  readonly endTime?: string;
  readonly error?: object;
  readonly hidden: {
    /** When it is RUNNING, then when it is DONE, in milliseconds since the epoch; null when it is. */
    readonly nextMs: number | null;
    readonly endMs: number;
    /** The message that it ends with when it is to fail. */
    readonly failure: string | null;
    /** The settings that an instance is to get. */
    readonly settings?: SettingsJson;
    /** What an instance is to hold. */
    readonly content?: string;
  };
};

/** A failure to come: the next such operation on the instance ends with the message. */
export type PlannedFailure = {
  readonly instance: string;
  readonly operation: OperationType;
  readonly message: string;
};

/** How long each kind of operation takes, in milliseconds. */
export type Durations = {
  readonly createMs: number;
  readonly backupMs: number;
  readonly restoreMs: number;
  /** Everything else. */
  readonly changeMs: number;
};

/** Everything that the emulator knows, with how long things take; every operation takes it first. */
export type CloudSql = {
  readonly state: {
    /** By `PROJECT/NAME`. */
    readonly Instance: Map<string, Instance>;
    /** By `PROJECT/INSTANCE/ID`, oldest first. */
    readonly BackupRun: Map<string, BackupRun>;
    /** By name, oldest first. */
    readonly Operation: Map<string, Operation>;
    /** In the order of their coming. */
    readonly PlannedFailure: Map<string, PlannedFailure>;
  };
  readonly durations: Durations;
};

/** A state with nothing in it. */
export function emptyState(): CloudSql["state"] {
  return {
    Instance: new Map(),
    BackupRun: new Map(),
    Operation: new Map(),
    PlannedFailure: new Map(),
  };
}

/** The fields of a request that name an instance. */
export type InstanceRequest = { readonly project?: string; readonly instance?: string };

/**
 * The instance that a request names.
 * @throws GoogleError NOT_FOUND, also when it is in another project.
 */
export function findInstance({ state }: CloudSql, request: InstanceRequest): Instance {
  const found = state.Instance.get(`${request.project ?? ""}/${request.instance ?? ""}`);
  if (found === undefined) {
    throw noInstance();
  }
  return found;
}

/** Puts a changed instance in the place of one. */
export function changeInstance(
  { state }: CloudSql,
  instance: Instance,
  change: Partial<Instance>,
): Instance {
  const next = { ...instance, ...change };
  state.Instance.set(`${next.project}/${next.name}`, next);
  return next;
}

/** The read replicas of an instance. */
export function replicasOf({ state }: CloudSql, { project, name }: Instance): readonly Instance[] {
  const master = `${project}:${name}`;
  return [...state.Instance.values()].filter((one) => one.masterInstanceName === master);
}
