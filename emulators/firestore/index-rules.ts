import { googleError } from "../kit/google-error.ts";
import type { Admin } from "./admin.ts";
import { indexesOf } from "./fields.ts";
import { fieldTests, type FieldTest } from "./filter-rules.ts";
import { NAME_FIELD, type StructuredQuery } from "./query-request.ts";
import { databaseOf } from "./resource-name.ts";

/** What a query asks of the indexes. */
type Wish = {
  /** How the index runs, as messages say it: ASC, DESC or CONTAINS. */
  readonly order: "ASC" | "DESC" | "CONTAINS";
  readonly field: string;
};

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
  const wishes = wishesOf(query);
  if (!isMergeable(query)) {
    throw refusal(database, { kind: "composite", collectionId, wishes });
  }
  const kind = allDescendants ? "COLLECTION_GROUP" : "COLLECTION";
  const lacking = wishes.find(
    ({ field, order }) =>
      !indexesOf(admin, database, { collectionId, path: field }).some(
        ({ queryScope, fields: [first] = [] }) =>
          queryScope === kind && (first?.arrayConfig ?? first?.order) === KINDS[order],
      ),
  );
  if (lacking !== undefined) {
    throw refusal(database, { kind, collectionId, wishes: [lacking] });
  }
}

/** Which index of each field a query uses. */
function wishesOf(query: StructuredQuery): readonly Wish[] {
  const orders = ordersOf(query);
  const tests = fieldTests(query.where).filter(({ field }) => field !== NAME_FIELD);
  const found = [
    ...tests.map(({ field, kind }): Wish => {
      const direction = orders.get(field);
      return { field, order: kind === "array" ? "CONTAINS" : (direction ?? "ASC") };
    }),
    ...[...orders].map(([field, order]): Wish => ({ field, order })),
  ];
  return [...new Map(found.map((wish) => [`${wish.field} ${wish.order}`, wish])).values()];
}

/** The order of each field that results are sorted by, but for the name, by which each index ends. */
function ordersOf({ orderBy = [] }: StructuredQuery): ReadonlyMap<string, "ASC" | "DESC"> {
  const entries = orderBy.map(({ field, direction }) => {
    return [field?.fieldPath ?? "", direction === "DESCENDING" ? "DESC" : "ASC"] as const;
  });
  return new Map(entries.filter(([field]) => field !== NAME_FIELD));
}

/**
 * Whether indexes of single fields are enough: for equalities alone, whose indexes are merged, sorted by name
 * upwards; or for one field alone.
 */
function isMergeable(query: StructuredQuery): boolean {
  const tests: readonly FieldTest[] = fieldTests(query.where);
  const named = tests.filter(({ field }) => field !== NAME_FIELD);
  const fields = new Set([...named.map(({ field }) => field), ...ordersOf(query).keys()]);
  if (fields.size <= 1) {
    const isSorted = ordersOf(query).size > 0;
    const isArray = named.some(({ kind }) => kind === "array");
    const isDown = [...ordersOf(query).values()][0] === "DESC";
    return !(isArray && isSorted) && (fields.size === 0 || isNameAlong(query, isSorted && isDown));
  }
  const isOnlyEqual = named.every(({ kind }) => kind !== "range");
  return isOnlyEqual && ordersOf(query).size === 0 && !isSortedDownByName(query);
}

/** Whether names run as the index does, if they are sorted at all: an index of one field ends with them. */
function isNameAlong({ orderBy = [] }: StructuredQuery, isDown: boolean): boolean {
  const name = orderBy.find(({ field }) => field?.fieldPath === NAME_FIELD);
  return name === undefined || (name.direction === "DESCENDING") === isDown;
}

function isSortedDownByName({ orderBy = [] }: StructuredQuery): boolean {
  return orderBy.some(
    ({ field, direction }) => field?.fieldPath === NAME_FIELD && direction === "DESCENDING",
  );
}

/** An index that is not there. */
type Lacking = {
  readonly kind: "composite" | "COLLECTION" | "COLLECTION_GROUP";
  readonly collectionId: string;
  readonly wishes: readonly Wish[];
};

function refusal(database: string, { kind, collectionId, wishes }: Lacking): Error {
  const [, project = "", , id = ""] = database.split("/");
  const [wish] = wishes;
  const address = `https://console.firebase.google.com/v1/r/project/${project}/firestore/databases/${id}/indexes`;
  const what =
    kind === "composite"
      ? "an index"
      : `a ${kind}_${wish?.order ?? "ASC"} index for collection ${collectionId} and field ${wish?.field ?? ""}`;
  const query = kind === "composite" ? "create_composite" : "create_exemption";
  const message = `The query requires ${what}. You can create it here: ${address}?${query}=${collectionId}`;
  return googleError("FAILED_PRECONDITION", message);
}
