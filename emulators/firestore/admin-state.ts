import { z } from "zod";
import { keepMaps } from "../kit/kept-maps.ts";
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
};

const STATE_NAME = "firestore-admin";

/** What was kept, or nothing. @throws StoreError when it cannot be read. */
export function adminState(persistence: Persistence | undefined): AdminState {
  const state = { databases: new Map(), fields: new Map(), schedules: new Map() };
  keepMaps(persistence, STATE_NAME, state);
  return state;
}
