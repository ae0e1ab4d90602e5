import type { BackupSource, BackupState } from "../domain/backup.ts";
import type { Instant } from "../domain/time.ts";

/** A backup as its service shows it. */
export type BackupView = {
  /** The full name, by which it is found again. */
  readonly name: string;
  readonly source: BackupSource;
  readonly state: BackupState;
  /** The mark that Slipway gave it; null for one that is not ours. */
  readonly mark: string | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  /** Why it failed, when it did. */
  readonly message: string | null;
};

/** How a restore stands. */
export type RestoreView = {
  readonly name: string;
  readonly state: BackupState;
  readonly message: string | null;
};

/** By what a restore is found again: its mark, or where there is no place for one, that it is not older. */
export type RestoreOrder = { readonly mark: string; readonly since: Instant };

/** Between which moments a point-in-time recovery can choose. */
export type RecoveryWindow = { readonly earliest: Instant; readonly latest: Instant };

/**
 * The services that back data up. Neither has a key that makes a creation idempotent, so each creation
 * first looks for the mark. Every call throws TransientError (also while another operation runs on the
 * instance) or PermanentError when it cannot be done.
 */
export type Backups = {
  /** The primary Cloud SQL instances of a project, by id. */
  readonly databases: (project: string) => Promise<readonly string[]>;
  /** The backup with that mark: the one there is, or a new one. */
  readonly take: (source: BackupSource, mark: string) => Promise<BackupView>;
  /** A backup as it is now; null when it is gone. */
  readonly observe: (source: BackupSource, name: string) => Promise<BackupView | null>;
  /** The newest backups of a source, ours and its own, at most `limit`. */
  readonly list: (source: BackupSource, limit: number) => Promise<readonly BackupView[]>;
  /** Removes a backup; one that is gone already is success. */
  readonly remove: (source: BackupSource, name: string) => Promise<void>;
  /** Null when the instance keeps no transaction log. */
  readonly recoveryWindow: (project: string, instance: string) => Promise<RecoveryWindow | null>;
  /**
   * Brings a backup's data into a source of the same kind, which it overwrites: the restore of that order
   * that there is, even if it has ended, or a new one.
   */
  readonly restore: (
    backup: { readonly source: BackupSource; readonly name: string },
    into: BackupSource,
    order: RestoreOrder,
  ) => Promise<RestoreView>;
  /** A restore as it is now; null when it is not known. */
  readonly observeRestore: (into: BackupSource, name: string) => Promise<RestoreView | null>;
};

/** The part of it that reads what backups there are, and neither takes, removes nor restores any. */
export type BackupLists = Pick<Backups, "databases" | "observe" | "list" | "recoveryWindow">;
