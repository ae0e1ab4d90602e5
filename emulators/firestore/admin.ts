import { type Begin, type Collection, collection } from "../kit/collection.ts";
import { describedFields } from "../kit/collection-fields.ts";
import { uidFor } from "../kit/collection-names.ts";
import { recordsOf, rulesOf, unaryOf } from "../kit/collection-methods.ts";
import { needs, type Rules } from "../kit/access/rules.ts";
import { type Api, methodsOn } from "../kit/call.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { Persistence } from "../kit/persistence.ts";
import { type Field, type FieldUpdate, getField, listFields, updateField } from "./fields.ts";
import { databaseOf } from "./resource-name.ts";

/** What the Admin API made: databases, settings of their fields, and schedules of backups. */
export type Admin = {
  readonly databases: Collection<object, object>;
  readonly schedules: Collection<Schedule, object>;
  /** Those that somebody set, by name. */
  readonly fields: Map<string, Field>;
};

type Database = { readonly deleteProtectionState?: string };
type Schedule = { readonly retention?: string };

const PROTOS = "@google-cloud/firestore/build/protos/admin_v1.json";
const PACKAGE = "google.firestore.admin.v1";
const STATE_NAME = "firestore-admin";

/** A UUID is none. Source: https://cloud.google.com/firestore/docs/manage-databases#database_id */
const DATABASE_ID =
  /^(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$)(?:\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$/;

/** Source: https://cloud.google.com/firestore/docs/backups: at most 14 weeks. */
const RETENTION_SECONDS_MAX = 14 * 7 * 24 * 3600;

/** Lists are whole. */
const PAGES = { defaultSize: 1000, maxSize: 1000 };

/** What a database has unless it is said. Source: google/firestore/admin/v1/database.proto */
const DEFAULTS = {
  concurrencyMode: "PESSIMISTIC",
  pointInTimeRecoveryEnablement: "POINT_IN_TIME_RECOVERY_DISABLED",
  deleteProtectionState: "DELETE_PROTECTION_DISABLED",
};

/**
 * What was kept, or nothing. `clear` takes away the documents of a database, by the prefix of their names.
 * @throws StoreError when it cannot be read.
 */
export function openAdmin(
  persistence: Persistence | undefined,
  clear: (prefix: string) => void,
): Admin {
  const databases = collection<Database, Database>({
    type: "Database",
    pattern: "projects/*/databases/*",
    permission: "datastore.databases",
    verbs: ["create", "get", "list", "update", "delete"],
    fields: describedFields(PROTOS, `${PACKAGE}.Database`, {
      required: ["locationId", "type"],
      immutable: ["locationId", "type"],
    }),
    ids: { pattern: DATABASE_ID, rule: "(default), or 4 to 63 letters, digits and hyphens" },
    pages: PAGES,
    begin: doneAtOnce,
    create: (draft) => ({ ...DEFAULTS, ...draft }),
    remove: (database) => {
      checkUnprotected(database);
      const prefix = `${database.name}/`;
      for (const records of [admin.fields, admin.schedules.records]) {
        const inside = [...records.keys()].filter((name) => name.startsWith(prefix));
        inside.forEach((name) => records.delete(name));
      }
      clear(prefix);
      return null;
    },
  });
  const schedules = collection<Schedule, object>({
    type: "BackupSchedule",
    pattern: "projects/*/databases/*/backupSchedules/*",
    permission: "datastore.backupSchedules",
    verbs: ["create", "get", "list", "update", "delete"],
    fields: describedFields(PROTOS, `${PACKAGE}.BackupSchedule`, {
      required: ["retention", "dailyRecurrence"],
      notEmulated: ["weeklyRecurrence"],
    }),
    ids: { pattern: /^$/, rule: "left out", make: (parent, nowMs) => uidFor(`${parent} ${nowMs}`) },
    pages: PAGES,
    parents: databases,
    create: (schedule, { parent }) => {
      checkRetention(schedule);
      if ([...schedules.records.keys()].some((name) => name.startsWith(`${parent}/`))) {
        throw googleError("ALREADY_EXISTS", "A daily backup schedule exists already");
      }
      return {};
    },
    update: checkRetention,
  });
  const admin = { databases, schedules, fields: new Map<string, Field>() };
  keepMaps(persistence, STATE_NAME, {
    ...recordsOf([databases, schedules]),
    Field: admin.fields,
  });
  return admin;
}

/** The service google.firestore.admin.v1.FirestoreAdmin. */
export function adminApi(admin: Admin): Api {
  return {
    protos: PROTOS,
    service: `${PACKAGE}.FirestoreAdmin`,
    unary: {
      ...unaryOf([admin.databases, admin.schedules]),
      ...methodsOn(admin, { GetField: getField, ListFields: listFields, UpdateField: changeField }),
    },
  };
}

/**
 * The permissions of its methods.
 * Source: https://cloud.google.com/firestore/docs/security/iam#permissions; indexes have the permissions that the
 * roles of 2026 have, `datastore.schemas`, where pages still say `datastore.indexes`.
 */
export function adminRules({ databases, schedules }: Admin): Rules {
  return {
    ...rulesOf([databases, schedules]),
    GetDatabase: needs("datastore.databases.getMetadata", "name"),
    GetField: needs("datastore.schemas.get", "name"),
    ListFields: needs("datastore.schemas.list", "parent"),
    UpdateField: needs("datastore.schemas.update", "field.name"),
  };
}

function changeField(admin: Admin, request: FieldUpdate): object {
  const field = updateField(admin, request);
  return toOperation(databaseOf(field.name), "FieldOperationMetadata", {
    type: "Field",
    message: field,
  });
}

/** An operation that is done when it is returned; nobody asks for it again. */
const doneAtOnce: Begin = ({ target, verb, type, response }) => {
  const kind = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}${type}Metadata`;
  return toOperation(target, kind, { type, message: response?.() ?? { name: target } });
};

function toOperation(
  database: string,
  kind: string,
  { type, message }: { readonly type: string; readonly message: object },
): object {
  const metadata = { "@type": `type.googleapis.com/${PACKAGE}.${kind}` };
  const response = { "@type": `type.googleapis.com/${PACKAGE}.${type}`, ...message };
  const id = uidFor(kind + JSON.stringify(message));
  return { name: `${database}/operations/${id}`, metadata, done: true, response };
}

function checkUnprotected({ deleteProtectionState }: Database): void {
  if (deleteProtectionState === "DELETE_PROTECTION_ENABLED") {
    throw googleError(
      "FAILED_PRECONDITION",
      "Database has delete protection enabled. Please disable delete protection before deleting.",
    );
  }
}

function checkRetention({ retention = "" }: Schedule): object {
  const seconds = Number.parseFloat(retention);
  if (!(seconds > 0 && seconds <= RETENTION_SECONDS_MAX)) {
    throw badRequest("backup_schedule.retention", "The retention must be at most 14 weeks");
  }
  return {};
}
