import { applyFieldMask } from "../kit/field-mask.ts";
import { toTimestamp } from "../kit/clock.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Operation, Operations } from "../kit/operation.ts";
import type { AdminState, BackupSchedule, Database } from "./admin-state.ts";
import { clear, type Engine } from "./engine.ts";

/** What the Admin API works on. */
export type Admin = {
  readonly engine: Engine;
  readonly state: AdminState;
  readonly operations: Operations;
};

/** Source: https://cloud.google.com/firestore/docs/manage-databases#database_id */
const DATABASE_ID = /^(?:\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TYPE = "type.googleapis.com/google.firestore.admin.v1";
const TYPES: ReadonlySet<string> = new Set(["FIRESTORE_NATIVE", "DATASTORE_MODE"]);

/** Source: https://cloud.google.com/firestore/docs/backups: at most 14 weeks. */
const RETENTION_SECONDS_MAX = 14 * 7 * 24 * 3600;

type DatabaseInput = Partial<Database>;

/** What a database has unless it is said. Source: google/firestore/admin/v1/database.proto */
const DEFAULTS = {
  concurrencyMode: "PESSIMISTIC",
  pointInTimeRecoveryEnablement: "POINT_IN_TIME_RECOVERY_DISABLED",
  deleteProtectionState: "DELETE_PROTECTION_DISABLED",
} as const;

function checkNew(
  databaseId: string,
  { locationId = "", type = "" }: DatabaseInput,
): { readonly locationId: string; readonly type: string } {
  if (!DATABASE_ID.test(databaseId) || UUID.test(databaseId)) {
    throw badRequest("database_id", `Invalid database id "${databaseId}"`);
  }
  if (locationId === "") {
    throw badRequest("database.location_id", "A location is required");
  }
  if (!TYPES.has(type)) {
    throw badRequest("database.type", "A database type is required");
  }
  return { locationId, type };
}

/** CreateDatabase. @throws GoogleError INVALID_ARGUMENT or ALREADY_EXISTS */
export function createDatabase(
  admin: Admin,
  request: {
    readonly parent?: string;
    readonly databaseId?: string;
    readonly database?: DatabaseInput;
  },
  nowMs: number,
): Operation {
  const { parent = "", databaseId = "", database: given = {} } = request;
  const name = `${parent}/databases/${databaseId}`;
  const { locationId, type } = checkNew(databaseId, given);
  if (admin.state.databases.has(name)) {
    throw googleError("ALREADY_EXISTS", `Database already exists. Please use another database_id`);
  }
  const time = toTimestamp(nowMs);
  const uid = `${nowMs}-${admin.state.databases.size}`;
  const made = { name, uid, createTime: time, updateTime: time, locationId, type };
  const database: Database = { ...DEFAULTS, ...given, ...made };
  admin.state.databases.set(name, database);
  return done(admin, name, { kind: "CreateDatabase", response: withType("Database", database) });
}

/** GetDatabase. @throws GoogleError NOT_FOUND */
export function getDatabase({ state }: Admin, request: { readonly name?: string }): Database {
  return requireDatabase(state, request.name ?? "");
}

/** ListDatabases. */
export function listDatabases(
  { state }: Admin,
  { parent = "" }: { readonly parent?: string },
): { readonly databases: readonly Database[] } {
  const found = [...state.databases.values()];
  return { databases: found.filter(({ name }) => name.startsWith(`${parent}/databases/`)) };
}

/** What stays as it was made. Source: google/firestore/admin/v1/database.proto */
const FIXED = ["locationId", "type"] as const;

/** UpdateDatabase. @throws GoogleError NOT_FOUND, or INVALID_ARGUMENT for what cannot change. */
export function updateDatabase(
  admin: Admin,
  request: { readonly database?: DatabaseInput; readonly updateMask?: string },
  nowMs: number,
): Operation {
  const { database: given = {}, updateMask } = request;
  const current = requireDatabase(admin.state, given.name ?? "");
  const { name } = current;
  const next = applyFieldMask(current, { ...current, ...given }, updateMask);
  const fixed = FIXED.find((field) => next[field] !== current[field]);
  if (fixed !== undefined) {
    throw badRequest("database", `${fixed} cannot be changed`);
  }
  const database = { ...next, name, updateTime: toTimestamp(nowMs) };
  admin.state.databases.set(name, database);
  return done(admin, name, { kind: "UpdateDatabase", response: withType("Database", database) });
}

/** DeleteDatabase, with its documents. @throws GoogleError NOT_FOUND, or FAILED_PRECONDITION for a protected one. */
export function deleteDatabase(admin: Admin, request: { readonly name?: string }): Operation {
  const { state } = admin;
  const database = requireDatabase(state, request.name ?? "");
  if (database.deleteProtectionState === "DELETE_PROTECTION_ENABLED") {
    throw googleError(
      "FAILED_PRECONDITION",
      "Database has delete protection enabled. Please disable delete protection before deleting.",
    );
  }
  const { name } = database;
  state.databases.delete(name);
  for (const map of [state.fields, state.schedules]) {
    const inside = [...map.keys()].filter((key) => key.startsWith(`${name}/`));
    inside.forEach((key) => map.delete(key));
  }
  clear(admin.engine, `${name}/documents/`);
  return done(admin, name, { kind: "DeleteDatabase", response: withType("Database", database) });
}

type ScheduleInput = Partial<BackupSchedule>;

/** CreateBackupSchedule: at most one of each recurrence. @throws GoogleError INVALID_ARGUMENT or ALREADY_EXISTS */
export function createBackupSchedule(
  { state }: Admin,
  request: { readonly parent?: string; readonly backupSchedule?: ScheduleInput },
  nowMs: number,
): BackupSchedule {
  const { name: parent } = requireDatabase(state, request.parent ?? "");
  const { retention = "", dailyRecurrence, weeklyRecurrence } = request.backupSchedule ?? {};
  if ((dailyRecurrence === undefined) === (weeklyRecurrence === undefined)) {
    throw badRequest("backup_schedule.recurrence", "One recurrence is required");
  }
  checkRetention(retention);
  const others = schedulesOf(state, parent);
  const isTaken = others.some(
    (one) => (one.dailyRecurrence === undefined) === (dailyRecurrence === undefined),
  );
  if (isTaken) {
    throw googleError("ALREADY_EXISTS", "A backup schedule of this recurrence exists already");
  }
  const time = toTimestamp(nowMs);
  const schedule: BackupSchedule = {
    name: `${parent}/backupSchedules/${nowMs}-${state.schedules.size}`,
    createTime: time,
    updateTime: time,
    retention,
    ...(dailyRecurrence !== undefined && { dailyRecurrence }),
    ...(weeklyRecurrence !== undefined && { weeklyRecurrence }),
  };
  state.schedules.set(schedule.name, schedule);
  return schedule;
}

/** GetBackupSchedule. @throws GoogleError NOT_FOUND */
export function getBackupSchedule(
  { state }: Admin,
  { name = "" }: { readonly name?: string },
): BackupSchedule {
  const found = state.schedules.get(name);
  if (found === undefined) {
    throw googleError("NOT_FOUND", `Backup schedule ${name} does not exist`);
  }
  return found;
}

/** ListBackupSchedules. @throws GoogleError NOT_FOUND */
export function listBackupSchedules(
  { state }: Admin,
  { parent = "" }: { readonly parent?: string },
): { readonly backupSchedules: readonly BackupSchedule[] } {
  return { backupSchedules: schedulesOf(state, requireDatabase(state, parent).name) };
}

/** UpdateBackupSchedule: how long backups are kept. @throws GoogleError NOT_FOUND or INVALID_ARGUMENT */
export function updateBackupSchedule(
  admin: Admin,
  request: { readonly backupSchedule?: ScheduleInput },
  nowMs: number,
): BackupSchedule {
  const { name, retention = "" } = request.backupSchedule ?? {};
  const current = getBackupSchedule(admin, { name: name ?? "" });
  checkRetention(retention);
  const schedule = { ...current, retention, updateTime: toTimestamp(nowMs) };
  admin.state.schedules.set(schedule.name, schedule);
  return schedule;
}

/** DeleteBackupSchedule. @throws GoogleError NOT_FOUND */
export function deleteBackupSchedule(admin: Admin, request: { readonly name?: string }): object {
  const { name } = getBackupSchedule(admin, request);
  admin.state.schedules.delete(name);
  return {};
}

function schedulesOf(state: AdminState, database: string): readonly BackupSchedule[] {
  const prefix = `${database}/backupSchedules/`;
  return [...state.schedules.values()].filter(({ name }) => name.startsWith(prefix));
}

function checkRetention(retention: string): void {
  const seconds = Number(/^(?<seconds>\d+(?:\.\d+)?)s$/.exec(retention)?.groups?.["seconds"] ?? 0);
  if (seconds <= 0 || seconds > RETENTION_SECONDS_MAX) {
    throw badRequest("backup_schedule.retention", "The retention must be at most 14 weeks");
  }
}

/** The database of that name. @throws GoogleError NOT_FOUND */
export function requireDatabase({ databases }: AdminState, name: string): Database {
  const found = databases.get(name);
  if (found === undefined) {
    const [, project = "", , id = ""] = name.split("/");
    throw googleError("NOT_FOUND", `Project '${project}' or database '${id}' does not exist.`);
  }
  return found;
}

/** An operation that is done when it is returned. */
export function done(
  { operations }: Admin,
  parent: string,
  { kind, response }: { readonly kind: string; readonly response: object },
): Operation {
  const metadata = { "@type": `${TYPE}.${kind}Metadata` };
  return operations.done({ parent, metadata, response });
}

/** A message of the Admin API with its type, as operations carry it. */
export function withType(type: string, message: object): object {
  return { "@type": `${TYPE}.${type}`, ...message };
}
