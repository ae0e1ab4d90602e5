import { z } from "zod";
import type { Backup, BackupSource, DataFloor } from "../../domain/backup.ts";
import type { IncidentReading } from "../../domain/incident.ts";
import type { ExecutionView } from "../../domain/job.ts";
import type { RestorePoint } from "../../domain/promotion.ts";
import { exactly } from "../exactly.ts";
import {
  EnvironmentIdValue,
  InstantValue,
  list,
  PromotionIdValue,
  ReleaseIdValue,
} from "./words.ts";

/** Data that can be backed up. */
export const BackupSourceValue = exactly<BackupSource>()(
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("cloud-sql"), project: z.string(), instance: z.string() }),
    z.object({ kind: z.literal("gke"), plan: z.string() }),
  ]),
);

/** What data has been through. That of backups from before this was kept is not known. */
const DataFloorValue = exactly<DataFloor>()(
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("unknown") }),
    z.object({ kind: z.literal("none") }),
    z.object({
      kind: z.literal("at"),
      release: ReleaseIdValue,
      order: z.string(),
      since: InstantValue,
      backups: list(z.string()),
    }),
  ]),
);

const AnyFloorValue = DataFloorValue.default({ kind: "unknown" });

/** One backup. */
export const BackupValue = exactly<Backup>()(
  z.object({
    id: z.string(),
    environment: EnvironmentIdValue,
    promotion: PromotionIdValue,
    release: ReleaseIdValue.nullable(),
    source: BackupSourceValue,
    floor: AnyFloorValue,
    name: z.string().nullable(),
    state: z.enum(["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "UNRECOGNIZED"]),
    startedAt: InstantValue,
    finishedAt: InstantValue.nullable(),
    message: z.string().nullable(),
  }),
);

/** One execution of a migration's job. */
export const ExecutionValue = exactly<ExecutionView>()(
  z.object({
    name: z.string(),
    state: z.enum(["RUNNING", "SUCCEEDED", "FAILED", "UNRECOGNIZED"]),
    message: z.string().nullable(),
  }),
);

/** What is restored, and where to. */
export const RestorePointValue = exactly<RestorePoint>()(
  z.object({
    backup: z.string(),
    from: BackupSourceValue,
    name: z.string(),
    into: BackupSourceValue,
    takenAt: InstantValue.nullable().default(null),
    floor: AnyFloorValue,
    restore: z.string().nullable(),
    isDone: z.boolean(),
  }),
);

/** What is known of an environment's incidents. */
export const IncidentReadingValue = exactly<IncidentReading>()(
  z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("never") }),
    z.object({
      kind: z.literal("read"),
      at: InstantValue,
      open: list(
        z.object({
          id: z.string(),
          policy: z.string(),
          severity: z.enum(["CRITICAL", "ERROR", "WARNING", "UNKNOWN"]),
          openedAt: InstantValue,
        }),
      ),
    }),
    z.object({ kind: z.literal("unreadable"), at: InstantValue, reason: z.string() }),
  ]),
);
