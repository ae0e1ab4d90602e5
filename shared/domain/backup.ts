import type { EnvironmentId, PromotionId, ReleaseId } from "./ids.ts";
import type { Instant } from "./time.ts";

/** Data that can be backed up: a Cloud SQL instance, or what a plan of Backup for GKE covers. */
export type BackupSource =
  | { readonly kind: "cloud-sql"; readonly project: string; readonly instance: string }
  | { readonly kind: "gke"; readonly plan: string };

/**
 * Through which migration that cannot be undone data has been: releases from before it do not fit such data.
 * `unknown` of backups from before this was kept.
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
      /** The ids of the backups from before it. */
      readonly backups: readonly string[];
    };

/** How a backup stands. `PENDING`: not asked for yet. `UNRECOGNIZED` is waited for as if it ran. */
export type BackupState = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "UNRECOGNIZED";

/**
 * A backup that Slipway takes. Its mark stands in the backup's description, so that a backup whose
 * answer was lost is found again and not taken twice.
 */
export type Backup = {
  /** `<promotion>-b<number>`, and the mark. */
  readonly id: string;
  readonly environment: EnvironmentId;
  readonly promotion: PromotionId;
  /** What ran when it was taken: restoring it brings back that release's data. */
  readonly release: ReleaseId | null;
  readonly source: BackupSource;
  /** What the data had been through when it was taken. */
  readonly floor: DataFloor;
  /** The backup's full name once the service has one. */
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
