import { invalid } from "./sql-error.ts";

/** https://cloud.google.com/sql/docs/postgres/backup-recovery/backups#final-backup */
export const FINAL_BACKUP_DAYS = 30;

const DAYS_MAX = 365;
const DAY_MS = 86_400_000;

/**
 * When a backup is to be deleted by itself, in milliseconds since the epoch; null when nothing is said.
 * @throws GoogleError INVALID_ARGUMENT for a time that has passed or is more than 365 days away.
 */
export function expiryOf(
  given: { readonly ttlDays?: string | undefined; readonly expiryTime?: string | undefined },
  now: number,
): number | null {
  if (given.ttlDays === undefined && given.expiryTime === undefined) {
    return null;
  }
  const expiryMs =
    given.expiryTime === undefined
      ? now + Number(given.ttlDays) * DAY_MS
      : Date.parse(given.expiryTime);
  if (!(expiryMs > now && expiryMs <= now + DAYS_MAX * DAY_MS)) {
    throw invalid(`a backup expires after at least one and at most ${DAYS_MAX} days.`);
  }
  return expiryMs;
}
