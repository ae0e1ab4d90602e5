import { googleError } from "../kit/google-error.ts";
import type { Admin } from "./admin.ts";
import { indexesOf } from "./fields.ts";
import { comparisonsOf } from "./filter.ts";
import { indexKindOf } from "./filter-rules.ts";
import { NAME_FIELD, type StructuredQuery } from "./query-request.ts";
import { databaseOf } from "./resource-name.ts";

/** What a query asks of the indexes: one of a field, and how it runs, as messages say it. */
type Wish = { readonly field: string; readonly order: "ASC" | "DESC" | "CONTAINS" };

/** The same as indexes say it. */
const KINDS = { ASC: "ASCENDING", DESC: "DESCENDING", CONTAINS: "CONTAINS" } as const;

/**
 * Refuses a query that no index answers, in a database that the Admin API made: a database that nobody made is open,
 * and needs none. Single fields have an index of each kind unless somebody set other ones; over a collection group
 * they have none. An index of several fields is never there, since none can be made here.
 * Source: https://firebase.google.com/docs/firestore/query-data/index-overview
 * @throws GoogleError FAILED_PRECONDITION with the address at which the console makes the index.
 */
export function requireIndexes(
  admin: Admin,
  parent: string | undefined,
  query: StructuredQuery,
): void {
  const database = databaseOf(parent ?? "");
  if (!admin.databases.records.has(database)) {
    return;
  }
  const [{ collectionId = "", allDescendants = false } = {}] = query.from ?? [];
  if (!isMergeable(query)) {
    throw refusal(database, "an index", `create_composite=${collectionId}`);
  }
  const scope = allDescendants ? "COLLECTION_GROUP" : "COLLECTION";
  const lacking = wishesOf(query).find(
    ({ field, order }) =>
      !indexesOf(admin, database, { collectionId, path: field }).some(
        ({ queryScope, fields: [first] = [] }) =>
          queryScope === scope && (first?.arrayConfig ?? first?.order) === KINDS[order],
      ),
  );
  if (lacking !== undefined) {
    const { field, order } = lacking;
    const index = `a ${scope}_${order} index for collection ${collectionId} and field ${field}`;
    throw refusal(database, index, `create_exemption=${collectionId}`);
  }
}

/** Which index of each field a query uses. */
function wishesOf(query: StructuredQuery): readonly Wish[] {
  const { fields } = ordersOf(query);
  const tests = comparisonsOf(query.where).filter(({ field }) => field !== NAME_FIELD);
  const compared = tests.map((comparison): Wish => {
    const along = fields.find(({ field }) => field === comparison.field)?.order ?? "ASC";
    const order = indexKindOf(comparison) === "array" ? "CONTAINS" : along;
    return { field: comparison.field, order };
  });
  return [...compared, ...fields];
}

/** How results are sorted by fields, and then by name, by which each index ends. */
function ordersOf({ orderBy = [] }: StructuredQuery): {
  readonly fields: readonly Wish[];
  readonly name: Wish | undefined;
} {
  const all = orderBy.map(({ field, direction }): Wish => {
    return { field: field?.fieldPath ?? "", order: direction === "DESCENDING" ? "DESC" : "ASC" };
  });
  return {
    fields: all.filter(({ field }) => field !== NAME_FIELD),
    name: all.find(({ field }) => field === NAME_FIELD),
  };
}

/**
 * Whether indexes of single fields are enough: for one field alone, or for equalities alone, whose indexes are merged.
 * Names must run as the index does, if results are sorted by them at all.
 */
function isMergeable(query: StructuredQuery): boolean {
  const { fields, name } = ordersOf(query);
  const wishes = wishesOf(query);
  const along = fields[0]?.order ?? "ASC";
  if (name !== undefined && name.order !== along) {
    return false;
  }
  if (new Set(wishes.map(({ field }) => field)).size <= 1) {
    return fields.length === 0 || wishes.every(({ order }) => order !== "CONTAINS");
  }
  const tests = comparisonsOf(query.where).filter(({ field }) => field !== NAME_FIELD);
  return fields.length === 0 && tests.every((one) => indexKindOf(one) !== "range");
}

function refusal(database: string, what: string, query: string): Error {
  const [, project = "", , id = ""] = database.split("/");
  const address = `https://console.firebase.google.com/v1/r/project/${project}/firestore/databases/${id}/indexes`;
  const message = `The query requires ${what}. You can create it here: ${address}?${query}`;
  return googleError("FAILED_PRECONDITION", message);
}
