import { z } from "zod";
import { sourceName } from "../../domain/backup.ts";
import type { BackupSource } from "../../domain/backup.ts";
import type { RollbackVerdict } from "../../domain/rollback.ts";
import { between, readableText } from "../../domain/time.ts";
import type { Instant } from "../../domain/time.ts";
import { BackupView, PromotionView, RestorePointView } from "./schemas.ts";
import { toRestorePointView, toTime, toTimeOrNull } from "./views.ts";

const time = z.string().meta({ format: "date-time", description: "RFC 3339, UTC" });

/** What is lost when data comes back. */
export const DataLossView = z.object({
  since: time.meta({ description: "What was written after this moment is lost" }),
  seconds: z.number().int(),
  message: z.string(),
});

/** Whether going back is safe. */
export const RollbackVerdictView = z
  .object({
    verdict: z.enum(["safe", "needs-data-restore", "unsafe"]),
    release: z.string().nullable().meta({ description: "The release to go back to" }),
    reasons: z.array(z.string()),
    backups: z.array(RestorePointView).meta({ description: "The data that can come back with it" }),
    dataLoss: DataLossView.nullable().meta({
      description: "What is lost if that data comes back; null where none can",
    }),
  })
  .meta({ id: "RollbackVerdict" });

/** A page of backups, newest first; what their services hold by themselves stands on the first page. */
export const BackupList = z.object({
  backups: z.array(BackupView),
  recovery: z
    .array(z.object({ source: z.string(), earliest: time, latest: time }))
    .meta({ description: "Between which moments Cloud SQL can recover to a point in time" }),
  unreadable: z
    .array(z.object({ source: z.string(), reason: z.string() }))
    .meta({ description: "What could not be read now" }),
  nextPageToken: z.string(),
});

/** A restore's promotion, and what it loses. */
export const RestoreView = PromotionView.extend({ dataLoss: DataLossView }).meta({ id: "Restore" });

/** A rollback's promotion, and what it loses. */
export const RollbackView = PromotionView.extend({
  dataLoss: DataLossView.nullable().meta({ description: "Null when no data comes back" }),
}).meta({ id: "Rollback" });

/** A verdict on a rollback of an environment as the API shows it. */
export function toVerdictView(
  judged: RollbackVerdict,
  at: { readonly environment: string; readonly now: Instant },
): z.output<typeof RollbackVerdictView> {
  const { verdict, release, reasons, points } = judged;
  return {
    verdict,
    release,
    reasons: [...reasons],
    backups: points.map(toRestorePointView),
    dataLoss: lossOf(judged, at),
  };
}

/** What the data loses that comes back with a rollback; null where none does, or nobody knows from when it is. */
export function lossOf(
  { dataOf }: Pick<RollbackVerdict, "dataOf">,
  { environment, now }: { readonly environment: string; readonly now: Instant },
): z.output<typeof DataLossView> | null {
  const place = { from: environment, into: environment };
  return dataOf === null ? null : toDataLossView(dataOf, now, place);
}

/** A backup of a service's own as the API shows it. */
export function toOwnBackupView(backup: {
  readonly name: string;
  readonly source: BackupSource;
  readonly state: z.output<typeof BackupView>["state"];
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
  readonly message: string | null;
}): z.output<typeof BackupView> {
  const { name, source, state, message } = backup;
  return {
    id: null,
    origin: source.kind,
    source: sourceName(source),
    name,
    state,
    release: null,
    promotion: null,
    startTime: toTimeOrNull(backup.startedAt),
    endTime: toTimeOrNull(backup.finishedAt),
    message,
  };
}

/** What bringing back the data of a moment loses. `place`: the environment whose data it replaces. */
export function toDataLossView(
  dataOf: Instant,
  now: Instant,
  place: { readonly from: string; readonly into: string },
): z.output<typeof DataLossView> {
  const moment = readableText(dataOf);
  const message =
    place.from === place.into
      ? `what was written in ${place.into} since ${moment} is lost; the backup that is taken first keeps it`
      : `the data of ${place.from} as it was at ${moment} takes the place of all data in ${place.into}`;
  return { since: toTime(dataOf), seconds: Math.floor(between(dataOf, now) / 1000), message };
}
