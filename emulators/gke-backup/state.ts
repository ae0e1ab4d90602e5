import type { BackupConfig, RestoreConfig, RetentionPolicy } from "./schema.ts";

/** What every resource has. Times are milliseconds since the epoch. */
export type Resource = {
  /** The full name, `projects/P/locations/L/…`. */
  readonly name: string;
  readonly uid: string;
  readonly createMs: number;
  readonly updateMs: number;
  /** Counts changes, for the etag. */
  readonly version: number;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
};

/** A backup plan. */
export type BackupPlan = Resource & {
  readonly cluster: string;
  readonly retentionPolicy: RetentionPolicy;
  readonly backupConfig: BackupConfig;
  readonly deactivated: boolean;
  readonly state: "PROVISIONING" | "READY" | "DEACTIVATED";
  readonly lastSuccessMs: number | null;
  readonly protectedPodCount: number;
};

/** The states of a backup and of a restore that occur here. */
export type WorkState = "CREATING" | "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "DELETING";

/** The data of namespaces: the text of each, or null where its volumes were left out. */
export type Contents = Readonly<Record<string, string | null>>;

/** A backup, with what its plan said when it was created. */
export type Backup = Resource & {
  readonly plan: string;
  readonly cluster: string;
  readonly config: BackupConfig;
  readonly deleteLockDays: number;
  /** 0 for ever. */
  readonly retainDays: number;
  readonly state: WorkState;
  readonly stateReason: string;
  /** When it is, or is to be, IN_PROGRESS; what the namespaces hold then is what it contains. */
  readonly startMs: number;
  readonly endMs: number;
  /** Why it is to fail; null when it is to succeed. */
  readonly failure: string | null;
  readonly contents: Contents;
};

/** A restore plan. */
export type RestorePlan = Resource & {
  readonly backupPlan: string;
  readonly cluster: string;
  readonly restoreConfig: RestoreConfig;
  readonly state: "READY";
};

/** A restore, with what its plan said when it was created. */
export type Restore = Resource & {
  readonly plan: string;
  readonly backup: string;
  readonly cluster: string;
  readonly config: RestoreConfig;
  readonly state: WorkState;
  readonly stateReason: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly failure: string | null;
  /** What the backup contains, so that the backup may go meanwhile. */
  readonly contents: Contents;
  readonly restored: readonly string[];
  readonly excluded: readonly string[];
  /** The namespaces whose volumes were brought back. */
  readonly volumes: readonly string[];
};

/** What an operation did to its target. */
export type Verb = "create" | "delete";

/** A long-running operation. */
export type OperationRecord = {
  readonly name: string;
  readonly target: string;
  readonly verb: Verb;
  readonly createMs: number;
  readonly endMs: number;
  /** Null while it runs. */
  readonly response: object | null;
};

/** A failure to come: the next backup or restore of a plan ends in FAILED with the message. */
export type PlannedFailure = {
  /** The full name of a backup plan or restore plan. */
  readonly plan: string;
  readonly message: string;
};

/** What a namespace of a cluster holds. Versions count from 1. */
type Content = { readonly version: number; readonly text: string };

/** Everything that the emulator knows, by full name. */
export type State = {
  readonly backupPlans: Map<string, BackupPlan>;
  readonly backups: Map<string, Backup>;
  readonly restorePlans: Map<string, RestorePlan>;
  readonly restores: Map<string, Restore>;
  readonly operations: Map<string, OperationRecord>;
  /** By `projects/P/locations/L/clusters/C/namespaces/N`; a namespace exists when it holds something. */
  readonly contents: Map<string, Content>;
  readonly failures: Map<string, PlannedFailure>;
  readonly counters: Map<string, number>;
};

/** How long things take, in milliseconds. */
export type Durations = {
  readonly operationMs: number;
  /** How long a backup takes until it has succeeded, from its creation on. */
  readonly backupMs: number;
  /** The same for a restore. */
  readonly restoreMs: number;
};

/** The state with what surrounds it; every operation takes it first. */
export type GkeBackup = { readonly state: State; readonly durations: Durations };

/** A state with nothing in it. */
export function emptyState(): State {
  return {
    backupPlans: new Map(),
    backups: new Map(),
    restorePlans: new Map(),
    restores: new Map(),
    operations: new Map(),
    contents: new Map(),
    failures: new Map(),
    counters: new Map(),
  };
}

/** The next number of a count, from 1. */
export function countUp(state: State, what: string): number {
  const next = (state.counters.get(what) ?? 0) + 1;
  state.counters.set(what, next);
  return next;
}

/** The failure planned for a plan, which then is none any more. */
export function takeFailure(state: State, plan: string): string | null {
  const planned = state.failures.get(plan);
  state.failures.delete(plan);
  return planned?.message ?? null;
}
