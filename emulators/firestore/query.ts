import { googleError } from "../kit/google-error.ts";
import type { Document, Documents } from "./documents.ts";
import { parseFieldPath, selectFields } from "./field-path.ts";
import { compileFilter, pinnedValues, type Predicate } from "./filter.ts";
import { checkFilter, checkNamed } from "./filter-rules.ts";
import {
  compareDocuments,
  endPredicate,
  hasFields,
  orderKeys,
  startPredicate,
} from "./query-order.ts";
import { NAME_FIELD, type StructuredQuery } from "./query-request.ts";
import { documentsWithin, isWithin, type Scope } from "./query-scope.ts";
import { checkId, checkParent, databaseOf } from "./resource-name.ts";
import type { Value } from "./value.ts";

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
  /** The document as the query returns it. */
  readonly project: (document: Document) => Document;
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
  if (query.where !== undefined) {
    checkFilter(query.where);
  }
  const scope = toScope(checkParent(parent), query);
  const keys = orderKeys(query);
  const filter = query.where === undefined ? () => true : compileFilter(query.where);
  const database = databaseOf(scope.parent);
  checkNamed(query.where, database);
  const order = { keys, given: query.orderBy?.length ?? 0, database };
  const isAfterStart = startPredicate(order, query.startAt);
  const isBeforeEnd = endPredicate(order, query.endAt);
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
    project: projection(query),
  };
}

/** The results of a query as of a time, in order, whole (see `project`). */
export function runQuery(query: Query, documents: Documents, at: number): readonly Document[] {
  const { scope, matches, compare, offset, limit } = query;
  return documentsWithin(documents, scope, at)
    .filter(matches)
    .toSorted(compare)
    .slice(offset, offset + limit);
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

function projection({ select }: StructuredQuery): (document: Document) => Document {
  const texts = (select?.fields ?? []).map(({ fieldPath = "" }) => fieldPath);
  if (texts.length === 0) {
    return (document) => document;
  }
  const paths = texts.filter((text) => text !== NAME_FIELD).map(parseFieldPath);
  return ({ name, fields, createTime, updateTime }) => ({
    name,
    fields: selectFields(fields, paths),
    createTime,
    updateTime,
  });
}
