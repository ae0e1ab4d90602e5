import { z } from "zod";
import type { Persistence } from "../kit/persistence.ts";

/** A database, as the Admin API shows it. */
export type Database = z.output<typeof Database>;
/** A field that somebody set indexes of. */
export type StoredField = z.output<typeof StoredField>;
/** A schedule of backups. */
export type BackupSchedule = z.output<typeof BackupSchedule>;

const Database = z.object({
  name: z.string(),
  uid: z.string(),
  createTime: z.string(),
  updateTime: z.string(),
  locationId: z.string(),
  type: z.string(),
  concurrencyMode: z.string(),
  pointInTimeRecoveryEnablement: z.string(),
  deleteProtectionState: z.string(),
});

const Index = z.object({
  queryScope: z.string(),
  state: z.string(),
  fields: z.array(
    z.object({
      fieldPath: z.string(),
      order: z.string().optional(),
      arrayConfig: z.string().optional(),
    }),
  ),
});

const StoredField = z.object({
  name: z.string(),
  indexes: z.array(Index),
  hasTtl: z.boolean().default(false),
});

const BackupSchedule = z.object({
  name: z.string(),
  createTime: z.string(),
  updateTime: z.string(),
  retention: z.string(),
  dailyRecurrence: z.object({}).optional(),
  weeklyRecurrence: z.object({ day: z.string() }).optional(),
});

/** An index of a single field. */
export type SingleFieldIndex = z.output<typeof Index>;

/** What the Admin API made, by name. */
export type AdminState = {
  readonly databases: Map<string, Database>;
  readonly fields: Map<string, StoredField>;
  readonly schedules: Map<string, BackupSchedule>;
  /** Says that it changed, so that it is kept. */
  readonly changed: () => void;
};

const STATE_NAME = "firestore-admin";

const Saved = z.object({
  databases: z.array(Database),
  fields: z.array(StoredField),
  schedules: z.array(BackupSchedule),
});

/** What was kept, or nothing. @throws ZodError when what was kept is something else. */
export function adminState(persistence: Persistence | undefined): AdminState {
  const kept = persistence?.load(STATE_NAME);
  const saved =
    kept === undefined ? { databases: [], fields: [], schedules: [] } : Saved.parse(kept);
  const databases = new Map(saved.databases.map((one) => [one.name, one]));
  const fields = new Map(saved.fields.map((one) => [one.name, one]));
  const schedules = new Map(saved.schedules.map((one) => [one.name, one]));
  return {
    databases,
    fields,
    schedules,
    changed: () =>
      persistence?.changed(STATE_NAME, () => ({
        databases: [...databases.values()],
        fields: [...fields.values()],
        schedules: [...schedules.values()],
      })),
  };
}
