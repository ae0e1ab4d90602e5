import { badRequest } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import type { SingleFieldIndex, StoredField } from "./admin-state.ts";
import { done, requireDatabase, withType } from "./operations-admin.ts";
import type { Admin } from "./operations-admin.ts";
import { databaseOf } from "./resource-name.ts";

/** A field as requests and answers have it. */
type FieldMessage = {
  readonly name?: string;
  readonly indexConfig?: {
    readonly indexes?: readonly Partial<SingleFieldIndex>[];
    readonly usesAncestorConfig?: boolean;
    readonly ancestorField?: string;
  };
  readonly ttlConfig?: object;
};

const FIELD = /^(?<groups>projects\/[^/]+\/databases\/[^/]+\/collectionGroups)\/[^/]+\/fields\/.+$/;
const SCOPES: ReadonlySet<string> = new Set(["COLLECTION", "COLLECTION_GROUP"]);

/** What every field is indexed by unless somebody set it. Source: google/firestore/admin/v1/field.proto */
const DEFAULT_INDEXES: readonly SingleFieldIndex[] = [
  { queryScope: "COLLECTION", state: "READY", fields: [{ fieldPath: "*", order: "ASCENDING" }] },
  { queryScope: "COLLECTION", state: "READY", fields: [{ fieldPath: "*", order: "DESCENDING" }] },
  {
    queryScope: "COLLECTION",
    state: "READY",
    fields: [{ fieldPath: "*", arrayConfig: "CONTAINS" }],
  },
];

/** GetField: one that nobody set shows what it has of the default. @throws GoogleError NOT_FOUND or INVALID_ARGUMENT */
export function getField(
  { state }: Admin,
  { name = "" }: { readonly name?: string },
): FieldMessage {
  const groups = checkName(name);
  requireDatabase(state, databaseOf(name));
  const found = state.fields.get(name);
  return found === undefined
    ? {
        name,
        indexConfig: {
          indexes: DEFAULT_INDEXES,
          usesAncestorConfig: true,
          ancestorField: `${groups}/__default__/fields/*`,
        },
      }
    : toMessage(found);
}

/** ListFields: those that somebody set. @throws GoogleError NOT_FOUND */
export function listFields(
  { state }: Admin,
  { parent = "" }: { readonly parent?: string },
): { readonly fields: readonly FieldMessage[] } {
  requireDatabase(state, databaseOf(parent));
  const found = [...state.fields.values()].filter(({ name }) => name.startsWith(`${parent}/`));
  return { fields: found.map(toMessage) };
}

/**
 * UpdateField: without `indexConfig` the field goes back to the default; with one that is empty it has no index.
 * @throws GoogleError NOT_FOUND or INVALID_ARGUMENT
 */
export function updateField(
  admin: Admin,
  request: { readonly field?: FieldMessage; readonly updateMask?: string },
): Operation {
  const { name = "", indexConfig } = request.field ?? {};
  checkName(name);
  const { state } = admin;
  const database = requireDatabase(state, databaseOf(name));
  if (indexConfig === undefined) {
    state.fields.delete(name);
  } else {
    const isOfTtl = (request.updateMask ?? "ttlConfig").includes("ttlConfig");
    const hasTtl = isOfTtl
      ? request.field?.ttlConfig !== undefined
      : state.fields.get(name)?.hasTtl === true;
    state.fields.set(name, { name, indexes: (indexConfig.indexes ?? []).map(checkIndex), hasTtl });
  }
  const response = withType("Field", getField(admin, { name }));
  return done(admin, database.name, { kind: "FieldOperation", response });
}

function checkIndex(index: Partial<SingleFieldIndex>): SingleFieldIndex {
  const { queryScope = "", fields = [] } = index;
  const [first] = fields;
  if (!SCOPES.has(queryScope)) {
    throw badRequest("index_config.indexes", `Invalid query scope "${queryScope}"`);
  }
  if (first === undefined || (first.order === undefined) === (first.arrayConfig === undefined)) {
    throw badRequest("index_config.indexes.fields", "An order or an array config is required");
  }
  return { queryScope, state: "READY", fields: [first] };
}

function toMessage({ name, indexes, hasTtl }: StoredField): FieldMessage {
  return { name, indexConfig: { indexes }, ...(hasTtl && { ttlConfig: { state: "ACTIVE" } }) };
}

function checkName(name: string): string {
  const groups = FIELD.exec(name)?.groups?.["groups"];
  if (groups === undefined) {
    throw badRequest("name", `Invalid field name "${name}"`);
  }
  return groups;
}
