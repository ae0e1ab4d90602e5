import { idOf } from "../kit/collection-names.ts";
import { googleError } from "../kit/google-error.ts";
import { type Change, type Document, type Documents, documentsIn } from "./documents.ts";
import { compileFilter, pinnedValues, type Predicate } from "./filter.ts";
import { checkFilter } from "./filter-rules.ts";
import { compareDocuments, cursorPredicate, hasFields, orderKeys } from "./query-order.ts";
import type { StructuredQuery } from "./query-request.ts";
import { checkId, checkParent, collectionOf, databaseOf } from "./resource-name.ts";
import type { Value } from "./value.ts";
import { compareValues } from "./value-order.ts";
import type { DocumentMask } from "./write.ts";

/** The collections that a query looks into. */
type Scope = {
  /** The root of a database's documents, or a document. */
  readonly parent: string;
  /** Empty for every collection. */
  readonly collectionId: string;
  /** Whether collections further down count too. */
  readonly allDescendants: boolean;
};

/** A query that was checked and can be run. */
export type Query = {
  readonly scope: Scope;
  /** Whether a document matches, but for offset and limit. */
  readonly matches: Predicate;
  /** The order of results. */
  readonly compare: (left: Document, right: Document) => number;
  /** What every match has at some paths. */
  readonly pinned: ReadonlyMap<string, Value>;
  readonly offset: number;
  readonly limit: number;
  /** The fields that results are given with; all without one. */
  readonly mask: DocumentMask | undefined;
};

/**
 * Checks a query and makes it ready to run.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/StructuredQuery
 * @throws GoogleError INVALID_ARGUMENT or FAILED_PRECONDITION for what the service refuses,
 * UNIMPLEMENTED for `findNearest`.
 */
export function prepareQuery(parent: string | undefined, query: StructuredQuery): Query {
  if (query.findNearest !== undefined) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement findNearest.");
  }
  const scope = toScope(checkParent(parent), query);
  const database = databaseOf(scope.parent);
  if (query.where !== undefined) {
    checkFilter(query.where, database);
  }
  const keys = orderKeys(query);
  const filter = query.where === undefined ? () => true : compileFilter(query.where);
  const order = { keys, given: query.orderBy?.length ?? 0, database };
  const isAfterStart = cursorPredicate(order, query.startAt, "start");
  const isBeforeEnd = cursorPredicate(order, query.endAt, "end");
  return {
    scope,
    matches: (document) =>
      isWithin(scope, document.name) &&
      filter(document) &&
      hasFields(keys, document) &&
      isAfterStart(document) &&
      isBeforeEnd(document),
    compare: (left, right) => compareDocuments(keys, left, right),
    pinned: pinnedValues(query.where),
    offset: checkCount("offset", query.offset ?? 0),
    limit: checkCount("limit", query.limit ?? Number.POSITIVE_INFINITY),
    mask: toMask(query.select),
  };
}

function toMask(select: StructuredQuery["select"]): DocumentMask | undefined {
  const fieldPaths = (select?.fields ?? []).map(({ fieldPath = "" }) => fieldPath);
  return fieldPaths.length === 0 ? undefined : { fieldPaths };
}

/** The results of a query as of a time, in order. */
export function runQuery(query: Query, documents: Documents, at: number): readonly Document[] {
  const { scope, matches, compare, offset, limit } = query;
  return documentsWithin(documents, scope, at)
    .filter(matches)
    .toSorted(compare)
    .slice(offset, offset + limit);
}

/** Whether a change takes something out of a query's results, puts something in, or alters what is in them. */
export function isAffected(query: Query, { before, after }: Change): boolean {
  return (before !== null && query.matches(before)) || (after !== null && query.matches(after));
}

/**
 * Whether two queries may have documents in common, but for their limits. Unless the filters pin a field to different
 * values, collections in common are enough: to be sure would need the documents that are to come.
 */
export function queriesOverlap(left: Query, right: Query): boolean {
  if (!scopesOverlap(left.scope, right.scope)) {
    return false;
  }
  return [...left.pinned].every(([path, value]) => {
    const other = right.pinned.get(path);
    return other === undefined || compareValues(value, other) === 0;
  });
}

function toScope(parent: string, query: StructuredQuery): Scope {
  const [from = {}, ...more] = query.from ?? [];
  if (more.length > 0) {
    throw googleError("INVALID_ARGUMENT", "A query can select from one collection only.");
  }
  const { collectionId = "", allDescendants = false } = from;
  return {
    parent,
    collectionId: collectionId === "" ? "" : checkId(collectionId),
    allDescendants,
  };
}

function checkCount(name: string, count: number): number {
  if (count < 0) {
    throw googleError("INVALID_ARGUMENT", `${name} is negative`);
  }
  return count;
}

/** The documents within a scope as they were at a time, in no order. */
function documentsWithin(documents: Documents, scope: Scope, at: number): readonly Document[] {
  const { parent, collectionId, allDescendants } = scope;
  if (collectionId !== "" && !allDescendants) {
    return documentsIn(documents, `${parent}/${collectionId}`, at);
  }
  const names = [...documents.collections.keys()].filter((name) => hasCollection(scope, name));
  return names.flatMap((name) => documentsIn(documents, name, at));
}

/** Whether a document is within a scope. */
function isWithin(scope: Scope, documentName: string): boolean {
  return hasCollection(scope, collectionOf(documentName));
}

/** Whether some collection can be within both scopes. */
function scopesOverlap(left: Scope, right: Scope): boolean {
  const ids = left.collectionId === "" || right.collectionId === "";
  if (!ids && left.collectionId !== right.collectionId) {
    return false;
  }
  return (
    left.parent === right.parent ||
    (left.allDescendants && isUnder(right.parent, left.parent)) ||
    (right.allDescendants && isUnder(left.parent, right.parent))
  );
}

function hasCollection(scope: Scope, collection: string): boolean {
  const { parent, collectionId, allDescendants } = scope;
  if (collectionId !== "" && idOf(collection) !== collectionId) {
    return false;
  }
  return allDescendants ? isUnder(collection, parent) : collectionOf(collection) === parent;
}

function isUnder(name: string, parent: string): boolean {
  return name.startsWith(`${parent}/`);
}
