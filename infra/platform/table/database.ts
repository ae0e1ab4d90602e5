import { keyOf } from "../resource.ts";
import type { Fields, Resource } from "../resource.ts";
import type { Settings } from "../settings.ts";
import { DATABASE, needsApis, needsMark } from "./names.ts";

/** Collections whose documents keep what was decided as one map, which nothing searches. */
const BODIES = [
  "audit",
  "backups",
  "chat",
  "control",
  "decisions",
  "images",
  "notices",
  "promotions",
  "releases",
  "services",
  "specs",
  "sums",
  "timeline",
] as const;

/** The indexes over all services: their places in the database, and what each is for. */
export const GROUP_INDEXES = [
  {
    place: "collectionGroups/promotions/fields/id",
    field: "id",
    order: "ASCENDING",
    why: "A promotion is found by its id alone, over all services.",
  },
  {
    place: "collectionGroups/timeline/fields/since",
    field: "since",
    order: "DESCENDING",
    why: "What was deployed anywhere lately is found by its time, over all services.",
  },
  {
    place: "collectionGroups/audit/fields/happenedAt",
    field: "happenedAt",
    order: "DESCENDING",
    why: "What else happened anywhere lately is found by its time, over all services.",
  },
] as const;

/** Collections whose documents Firestore deletes some time after a moment that each names. */
const EXPIRING = [
  {
    collection: "decisions",
    why: "What became of events is deleted after 30 days, and nothing searches for when.",
  },
  {
    collection: "chat",
    why: "That a request from chat was taken up is deleted after a day, and nothing searches for when.",
  },
] as const;

/** How long a daily backup is kept: seven days, in seconds. */
const BACKUP_RETENTION = "604800s";

/** The full name of the database. */
export function databaseName({ project }: Settings): string {
  return `projects/${project}/databases/${DATABASE}`;
}

/**
 * The database, the indexes over all services, what is left out of the indexes, and its backups.
 * Source: https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases
 */
export function database(settings: Settings): readonly Resource[] {
  const { project, location } = settings;
  const name = databaseName(settings);
  const needs = [keyOf({ kind: "database", name })];
  return [
    {
      kind: "database",
      name,
      project,
      needs: [needsApis(project), needsMark(settings)],
      fields: {
        locationId: location,
        type: "FIRESTORE_NATIVE",
        concurrencyMode: "PESSIMISTIC",
        pointInTimeRecoveryEnablement: "POINT_IN_TIME_RECOVERY_ENABLED",
        deleteProtectionState: "DELETE_PROTECTION_ENABLED",
      },
      why: "Slipway's state and its record are in it.",
    },
    ...GROUP_INDEXES.map(({ place, field, order, why }): Resource => {
      return {
        kind: "index",
        name: `${name}/${place}`,
        project,
        needs,
        fields: {
          indexConfig: {
            indexes: [
              single(field, "COLLECTION", "ASCENDING"),
              single(field, "COLLECTION", "DESCENDING"),
              single(field, "COLLECTION_GROUP", order),
            ],
          },
        },
        why,
      };
    }),
    ...expiring(settings, needs),
    ...BODIES.map((collection): Resource => {
      return {
        kind: "index",
        name: `${name}/collectionGroups/${collection}/fields/body`,
        project,
        needs,
        fields: { indexConfig: { indexes: [] } },
        why: "Nothing searches it, and each field of a map costs an index entry with every write.",
      };
    }),
    {
      kind: "backup schedule",
      name: `${name}/backupSchedules/daily`,
      project,
      needs,
      fields: { retention: BACKUP_RETENTION, dailyRecurrence: {} },
      why: "A daily copy outlives a mistake that is noticed after the time of recovery.",
    },
  ];
}

/** What Firestore deletes by itself. */
function expiring(settings: Settings, needs: readonly string[]): readonly Resource[] {
  return EXPIRING.map(({ collection, why }) => ({
    kind: "index",
    name: `${databaseName(settings)}/collectionGroups/${collection}/fields/expireAt`,
    project: settings.project,
    needs,
    fields: { indexConfig: { indexes: [] }, ttlConfig: { state: "ACTIVE" } },
    why,
  }));
}

function single(fieldPath: string, queryScope: string, order: string): Fields {
  return { queryScope, fields: [{ fieldPath, order }] };
}
