import type { Change, Document } from "./documents.ts";
import type { Query } from "./query.ts";
import { scopesOverlap } from "./query-scope.ts";
import { compareValues } from "./value-order.ts";

/** The part of a database that a transaction's query has read: everything that would match it. */
export type LockedRange = {
  readonly query: Query;
  /** Where the limit cut the results off; what comes after was not read. Null: nothing was cut off. */
  readonly last: Document | null;
};

/** The range that a query read when these were its results. */
export function rangeOf(query: Query, results: readonly Document[]): LockedRange {
  const isCut = results.length >= query.limit;
  return { query, last: isCut ? (results.at(-1) ?? null) : null };
}

/** Whether a change takes something out of a range, puts something in, or alters what is in it. */
export function rangeTouches(range: LockedRange, { before, after }: Change): boolean {
  return (before !== null && isIn(range, before)) || (after !== null && isIn(range, after));
}

/**
 * Whether two ranges may have documents in common. Unless the filters pin a field to different
 * values, collections in common are enough: to be sure would need the documents that are to come.
 */
export function rangesOverlap(left: LockedRange, right: LockedRange): boolean {
  if (!scopesOverlap(left.query.scope, right.query.scope)) {
    return false;
  }
  for (const [path, value] of left.query.pinned) {
    const other = right.query.pinned.get(path);
    if (other !== undefined && compareValues(value, other) !== 0) {
      return false;
    }
  }
  return true;
}

function isIn({ query, last }: LockedRange, document: Document): boolean {
  return query.matches(document) && (last === null || query.compare(document, last) <= 0);
}
