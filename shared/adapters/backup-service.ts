import type { BackupSource } from "../domain/backup.ts";
import { instant } from "../domain/time.ts";
import type { Instant } from "../domain/time.ts";
import type { Backups, BackupView, RestoreOrder, RestoreView } from "../ports/backups.ts";

/** A source that is a Cloud SQL instance. */
export type CloudSqlSource = Extract<BackupSource, { readonly kind: "cloud-sql" }>;

/** A source that is a plan of Backup for GKE. */
export type GkeSource = Extract<BackupSource, { readonly kind: "gke" }>;

/** The part of the backups port that each service does for its own kind of source. */
export type BackupService<Source extends BackupSource> = {
  readonly take: (source: Source, mark: string) => Promise<BackupView>;
  readonly observe: (source: Source, name: string) => Promise<BackupView | null>;
  readonly list: (source: Source, limit: number) => Promise<readonly BackupView[]>;
  readonly remove: (source: Source, name: string) => Promise<void>;
  readonly restore: (
    backup: { readonly source: Source; readonly name: string },
    into: Source,
    order: RestoreOrder,
  ) => Promise<RestoreView>;
  readonly observeRestore: (into: Source, name: string) => Promise<RestoreView | null>;
};

/** What Cloud SQL does beside. */
export type CloudSqlBackups = BackupService<CloudSqlSource> &
  Pick<Backups, "databases" | "recoveryWindow">;

const OURS = /^slipway (\S+)/;

/** The description of a backup with a mark. */
export function describeMark(mark: string): string {
  return `slipway ${mark}`;
}

/** The mark in a backup's description; null when it is not ours. */
export function markIn(description: string): string | null {
  return OURS.exec(description)?.[1] ?? null;
}

/** A moment in RFC 3339, null when there is none. */
export function momentIn(text: string | undefined): Instant | null {
  const epochMs = Date.parse(text ?? "");
  return Number.isNaN(epochMs) ? null : instant(epochMs);
}
