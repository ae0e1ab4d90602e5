import type { InstanceJson, SettingsJson } from "./json.ts";

/** The states of an instance that occur here. */
type InstanceState = "PENDING_CREATE" | "RUNNABLE" | "MAINTENANCE" | "PENDING_DELETE" | "FAILED";

/** The data of an instance. Versions count from 0 in each instance. */
export type ContentVersion = { readonly version: number; readonly text: string };

/** What of an instance's resource is kept: all that a caller may set, completed with defaults. */
export type InstanceResource = Required<Pick<InstanceJson, "databaseVersion" | "region">> & {
  readonly settings: SettingsJson;
  /** Set for a read replica. */
  readonly masterInstanceName?: string;
  readonly gceZone?: string;
};

/** An instance. Times are milliseconds since the epoch. */
export type InstanceRecord = {
  readonly project: string;
  readonly name: string;
  readonly resource: InstanceResource;
  readonly state: InstanceState;
  readonly createMs: number;
  readonly content: ContentVersion;
  /** Since when transaction logs are kept; null without point-in-time recovery. */
  readonly logsSinceMs: number | null;
  /** When the next automated backup is due; null when they are off. */
  readonly nextWindowMs: number | null;
  /** The id of the newest backup run; ids are unique within the instance. */
  readonly lastRunId: number;
};

/** The status of a backup run; what becomes of one that is deleted is that it is gone. */
type BackupStatus =
  | "ENQUEUED"
  | "OVERDUE"
  | "RUNNING"
  | "FAILED"
  | "SUCCESSFUL"
  | "SKIPPED"
  | "DELETION_PENDING";

/** A backup run. */
export type BackupRecord = {
  readonly uid: string;
  readonly project: string;
  readonly instance: string;
  /** Unique within its instance. */
  readonly runId: number;
  readonly type: "AUTOMATED" | "ON_DEMAND";
  readonly status: BackupStatus;
  readonly description: string;
  readonly location: string;
  readonly enqueuedMs: number;
  readonly startMs: number | null;
  readonly endMs: number | null;
  /** For an automated one, the beginning of its window. */
  readonly windowStartMs: number | null;
  readonly failure: string | null;
  /** Whether an operation takes or has taken it; an automated one may still wait for its turn. */
  readonly begun: boolean;
  readonly resource: InstanceResource;
  /** What the instance held when the backup started. */
  readonly content: string;
};

/** What an operation does at its end. */
export type Work =
  /** The instance was put there in PENDING_CREATE, with all that it is to hold. */
  | { readonly kind: "create-instance" }
  | { readonly kind: "update-instance"; readonly resource: InstanceResource }
  | { readonly kind: "delete-instance" }
  | { readonly kind: "backup"; readonly uid: string }
  | { readonly kind: "delete-backup"; readonly uid: string }
  | { readonly kind: "restore"; readonly content: string; readonly diskSizeGb: string };

/** The operation types that occur here. */
export type OperationType =
  | "CREATE"
  | "CREATE_REPLICA"
  | "UPDATE"
  | "DELETE"
  | "BACKUP_VOLUME"
  | "DELETE_BACKUP"
  | "RESTORE_VOLUME";

/** An operation. Times are milliseconds since the epoch. */
export type OperationRecord = {
  /** A UUID. */
  readonly name: string;
  readonly project: string;
  /** The instance that it is about, on which no other may run meanwhile. */
  readonly instance: string;
  readonly type: OperationType;
  readonly phase: "PENDING" | "RUNNING" | "DONE";
  readonly insertMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** The message that it ends with when it is to fail. */
  readonly failure: string | null;
  readonly work: Work;
};

/** A failure to come: the next such operation on the instance ends with the message. */
export type PlannedFailure = {
  readonly instance: string;
  /** Any project when left out. */
  readonly project?: string;
  readonly operation: OperationType;
  readonly message: string;
};

/** Everything that the emulator knows. Instances are kept by `toKey`, backups by uid. */
export type State = {
  readonly instances: Map<string, InstanceRecord>;
  readonly backups: Map<string, BackupRecord>;
  readonly operations: Map<string, OperationRecord>;
  readonly counters: Map<string, number>;
  /** By the number of their coming. */
  readonly failures: Map<string, PlannedFailure>;
};

/** How long each kind of operation takes, in milliseconds. */
export type Durations = {
  readonly createMs: number;
  readonly backupMs: number;
  readonly restoreMs: number;
  /** Everything else. */
  readonly changeMs: number;
};

/** The state with what surrounds it; every operation takes it first. */
export type CloudSql = {
  readonly state: State;
  readonly durations: Durations;
  /** How old transaction logs are when point-in-time recovery can use them, in milliseconds. */
  readonly logDelayMs: number;
};

/** A state with nothing in it. */
export function emptyState(): State {
  return {
    instances: new Map(),
    backups: new Map(),
    operations: new Map(),
    counters: new Map(),
    failures: new Map(),
  };
}

/** Under what an instance is kept. */
export function toKey({
  project,
  name,
}: {
  readonly project: string;
  readonly name: string;
}): string {
  return `${project}/${name}`;
}

/** The next number of a count, from 1. */
export function countUp(state: State, what: string): number {
  const next = (state.counters.get(what) ?? 0) + 1;
  state.counters.set(what, next);
  return next;
}
