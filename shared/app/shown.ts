import type { ServiceEvent } from "../domain/event.ts";
import type { PromotionId } from "../domain/ids.ts";
import type { BackupView, RestoreView } from "../ports/backups.ts";

/** What a backup's service shows, as an event. */
export function toBackupEvent(
  of: { readonly promotion: PromotionId; readonly backup: string },
  { name, state, finishedAt, message }: BackupView,
): ServiceEvent {
  return { kind: "backup-observed", ...of, name, state, finishedAt, message };
}

/** What a restore's service shows, as an event. */
export function toRestoreEvent(
  of: { readonly promotion: PromotionId; readonly backup: string },
  { name, state, message }: RestoreView,
): ServiceEvent {
  return { kind: "restore-observed", ...of, restore: name, state, message };
}
