import { isBelow, idOf } from "../kit/collection-names.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Admin } from "./admin.ts";
import type { Document } from "./documents.ts";
import { collectionOf, databaseOf } from "./resource-name.ts";
import { elementsOf, type Fields } from "./value.ts";

/** A field of a collection group, as the Admin API has it. */
export type Field = {
  readonly name: string;
  readonly indexConfig?: {
    readonly indexes?: readonly Index[];
    readonly usesAncestorConfig?: boolean;
    readonly ancestorField?: string;
  };
  readonly ttlConfig?: object;
};

/** An index of a single field. */
type Index = {
  readonly queryScope?: string;
  readonly state?: string;
  readonly fields?: readonly {
    readonly fieldPath?: string;
    readonly order?: string;
    readonly arrayConfig?: string;
  }[];
};

/** What UpdateField is asked for. */
export type FieldUpdate = { readonly field?: Partial<Field>; readonly updateMask?: string };

type Settings = Pick<Admin, "fields">;

const FIELD = /^(?<groups>projects\/[^/]+\/databases\/[^/]+\/collectionGroups)\/[^/]+\/fields\/.+$/;
const SCOPES: ReadonlySet<string> = new Set(["COLLECTION", "COLLECTION_GROUP"]);

/** What every field is indexed by unless somebody set it. Source: google/firestore/admin/v1/field.proto */
const DEFAULT_INDEXES: readonly Index[] = [
  { order: "ASCENDING" },
  { order: "DESCENDING" },
  { arrayConfig: "CONTAINS" },
].map((kind) => ({
  queryScope: "COLLECTION",
  state: "READY",
  fields: [{ fieldPath: "*", ...kind }],
}));

/**
 * The most index entries of one document.
 * Source: https://cloud.google.com/firestore/quotas
 */
const INDEX_ENTRIES_MAX = 40_000;

/** GetField: one that nobody set shows what it has of the default. @throws GoogleError NOT_FOUND or INVALID_ARGUMENT */
export function getField(
  { databases, fields }: Admin,
  { name = "" }: { readonly name?: string },
): Field {
  const ancestorField = `${checkName(name)}/__default__/fields/*`;
  databases.find(databaseOf(name));
  const usual = { indexes: DEFAULT_INDEXES, usesAncestorConfig: true, ancestorField };
  return fields.get(name) ?? { name, indexConfig: usual };
}

/** ListFields: those that somebody set. @throws GoogleError NOT_FOUND */
export function listFields(
  { databases, fields }: Admin,
  { parent = "" }: { readonly parent?: string },
): { readonly fields: readonly Field[] } {
  databases.find(databaseOf(parent));
  return { fields: [...fields.values()].filter(({ name }) => isBelow(name, parent)) };
}

/**
 * UpdateField: without `indexConfig` the field goes back to the default; with one that is empty it has no index.
 * @throws GoogleError NOT_FOUND or INVALID_ARGUMENT
 */
export function updateField(admin: Admin, request: FieldUpdate): Field {
  const { name = "", indexConfig, ttlConfig } = request.field ?? {};
  const before = getField(admin, { name });
  if (indexConfig === undefined) {
    admin.fields.delete(name);
  } else {
    const isOfTtl = (request.updateMask ?? "ttlConfig").includes("ttlConfig");
    const ttl = isOfTtl ? ttlConfig : before.ttlConfig;
    const indexes = (indexConfig.indexes ?? []).map(checkIndex);
    const lives = ttl === undefined ? {} : { ttlConfig: { state: "ACTIVE" } };
    admin.fields.set(name, { name, indexConfig: { indexes }, ...lives });
  }
  return getField(admin, { name });
}

function checkIndex({ queryScope = "", fields: [first] = [] }: Index): Index {
  if (!SCOPES.has(queryScope)) {
    throw badRequest("index_config.indexes", `Invalid query scope "${queryScope}"`);
  }
  if (first === undefined || (first.order === undefined) === (first.arrayConfig === undefined)) {
    throw badRequest("index_config.indexes.fields", "An order or an array config is required");
  }
  return { queryScope, state: "READY", fields: [first] };
}

function checkName(name: string): string {
  const groups = FIELD.exec(name)?.groups?.["groups"];
  if (groups === undefined) {
    throw badRequest("name", `Invalid field name "${name}"`);
  }
  return groups;
}

/** The indexes that a field of a collection group has: its own, or those of all fields. */
export function indexesOf(
  { fields }: Settings,
  database: string,
  { collectionId, path }: { readonly collectionId: string; readonly path: string },
): readonly Index[] {
  const groups = `${database}/collectionGroups`;
  const set = fields.get(`${groups}/${collectionId}/fields/${path}`) ?? ofAll(fields, groups);
  return set?.indexConfig?.indexes ?? DEFAULT_INDEXES;
}

function ofAll(fields: Settings["fields"], groups: string): Field | undefined {
  return fields.get(`${groups}/__default__/fields/*`);
}

/**
 * Refuses a document of which the indexes would have too many entries. What is in a map is a field of its own, whose
 * indexes are the map's unless somebody set others.
 * Source: https://firebase.google.com/docs/firestore/query-data/index-overview#automatic_indexing; the words are
 * unconfirmed.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkIndexEntries({ fields: settings }: Settings, document: Document): void {
  const groups = `${databaseOf(document.name)}/collectionGroups`;
  const collection = `${groups}/${idOf(collectionOf(document.name))}/fields/`;
  function count(inner: Fields, parent: string, inherited: Entries): number {
    let entries = 0;
    for (const [field, value] of Object.entries(inner)) {
      const path = parent === "" ? field : `${parent}.${field}`;
      const set = settings.get(`${collection}${path}`)?.indexConfig?.indexes;
      const indexes = set === undefined ? inherited : entriesOf(set);
      if (value.mapValue !== undefined) {
        entries += count(value.mapValue.fields ?? {}, path, indexes);
      } else if (value.arrayValue === undefined) {
        entries += indexes.ofValue;
      } else {
        entries += elementsOf(value).length * indexes.ofElement;
      }
    }
    return entries;
  }
  const usual = ofAll(settings, groups)?.indexConfig?.indexes ?? DEFAULT_INDEXES;
  if (count(document.fields, "", entriesOf(usual)) > INDEX_ENTRIES_MAX) {
    throw googleError("INVALID_ARGUMENT", `too many index entries for entity ${document.name}`);
  }
}

/** How many entries indexes have of one value, and of each element of an array. */
type Entries = { readonly ofValue: number; readonly ofElement: number };

function entriesOf(indexes: readonly Index[]): Entries {
  const ofElement = indexes.filter(({ fields: [one] = [] }) => one?.arrayConfig !== undefined);
  return { ofValue: indexes.length - ofElement.length, ofElement: ofElement.length };
}
