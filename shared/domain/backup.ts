import type { EnvironmentId, PromotionId, ReleaseId } from "./ids.ts";
import type { Instant } from "./time.ts";

/** Data that can be backed up: a Cloud SQL instance, or what a plan of Backup for GKE covers. */
export type BackupSource =
  | { readonly kind: "cloud-sql"; readonly project: string; readonly instance: string }
  | { readonly kind: "gke"; readonly plan: string };

/**
 * The last migration that cannot be undone and that the data has been through: releases from before it do not fit the
 * data. `unknown` for backups that were taken before Slipway kept this.
 */
export type DataFloor =
  | { readonly kind: "unknown" }
  | { readonly kind: "none" }
  | {
      readonly kind: "at";
      /** The release whose migration it was, and its place among releases. */
      readonly release: ReleaseId;
      readonly order: string;
      readonly since: Instant;
      /** The ids of the backups from before that migration. */
      readonly backups: readonly string[];
    };

/** How a backup stands. `PENDING`: not asked for yet. `UNRECOGNIZED` is waited for as if it ran. */
export type BackupState = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "UNRECOGNIZED";

/**
 * A backup that Slipway takes. The mark is in the backup's description, so that a backup is found again, and not taken
 * twice, when the answer to taking it was lost.
 */
export type Backup = {
  /** `<promotion>-b<number>`, which is also the mark. */
  readonly id: string;
  readonly environment: EnvironmentId;
  readonly promotion: PromotionId;
  /** The release that ran when the backup was taken: a restore brings back that release's data. */
  readonly release: ReleaseId | null;
  readonly source: BackupSource;
  /** Which migrations the data had been through when the backup was taken. */
  readonly floor: DataFloor;
  /** The backup's full name, once Cloud SQL or Backup for GKE has given it one. */
  readonly name: string | null;
  readonly state: BackupState;
  readonly startedAt: Instant;
  readonly finishedAt: Instant | null;
  readonly message: string | null;
};

/** The source's name in messages and records. */
export function sourceName(source: BackupSource): string {
  return source.kind === "cloud-sql"
    ? `Cloud SQL ${source.project}/${source.instance}`
    : `GKE plan ${source.plan}`;
}
