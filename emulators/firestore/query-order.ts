import { googleError } from "../kit/google-error.ts";
import { type Document, documentValue } from "./documents.ts";
import { type FieldPath, parseFieldPath } from "./field-path.ts";
import { comparisonsOf, type Predicate } from "./filter.ts";
import { indexKindOf } from "./filter-rules.ts";
import { normalizeValue } from "./normalize.ts";
import { type Cursor, type Filter, NAME_FIELD, type StructuredQuery } from "./query-request.ts";
import { databaseOf } from "./resource-name.ts";
import { NULL } from "./value.ts";
import { compareValues } from "./value-order.ts";

/** One key of an order. */
export type OrderKey = {
  readonly path: FieldPath;
  /** The path as the request has it. */
  readonly text: string;
  readonly sign: 1 | -1;
};

/** What a query is ordered by, and in which database. */
type Order = {
  readonly keys: readonly OrderKey[];
  /** How many of the keys the request has itself: a cursor has no values for others. */
  readonly given: number;
  readonly database: string;
};

/**
 * The order asked for, then the fields of inequalities, then the name, as the service adds them. What
 * is refused here was seen in Google's emulator.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/StructuredQuery
 * @throws GoogleError INVALID_ARGUMENT for a field twice or one after the name, FAILED_PRECONDITION
 * for names in descending order without a filter on another field.
 */
export function orderKeys({ orderBy = [], where }: StructuredQuery): readonly OrderKey[] {
  const given = orderBy.map(({ field, direction }) =>
    toKey(field?.fieldPath ?? "", direction === "DESCENDING" ? -1 : 1),
  );
  const sign = given.at(-1)?.sign ?? 1;
  const texts = new Set(given.map(({ text }) => text));
  const ranges = comparisonsOf(where).filter((comparison) => indexKindOf(comparison) === "range");
  const ordered = ranges.map(({ field }) => field).filter((text) => text !== NAME_FIELD);
  const implied = new Set([...ordered.toSorted(), NAME_FIELD]);
  const added = [...implied].filter((text) => !texts.has(text)).map((text) => toKey(text, sign));
  const keys = [...given, ...added];
  checkKeys(keys, where);
  return keys;
}

/** Whether a document has every field that it is ordered by; only then it is a result. */
export function hasFields(keys: readonly OrderKey[], document: Document): boolean {
  return keys.every(({ path }) => documentValue(document, path) !== undefined);
}

/** Compares two documents by the keys; zero only for one and the same name. */
export function compareDocuments(
  keys: readonly OrderKey[],
  left: Document,
  right: Document,
): number {
  for (const { path, sign } of keys) {
    const difference = compareValues(
      documentValue(left, path) ?? NULL,
      documentValue(right, path) ?? NULL,
    );
    if (difference !== 0) {
      return difference * sign;
    }
  }
  return 0;
}

/** Whether a document is not before where the results start, or not behind where they end. */
export function cursorPredicate(
  order: Order,
  cursor: Cursor | undefined,
  at: "start" | "end",
): Predicate {
  if (cursor === undefined) {
    return () => true;
  }
  const compare = cursorComparison(order, cursor);
  const sign = at === "start" ? 1 : -1;
  const isAtCursorIn = (cursor.before === true) === (at === "start");
  return (document) => {
    const difference = compare(document) * sign;
    return difference > 0 || (difference === 0 && isAtCursorIn);
  };
}

/** Where a document stands beside a cursor, which may give only the first of the order's values. */
function cursorComparison(
  { keys, given, database }: Order,
  cursor: Cursor,
): (document: Document) => number {
  const values = (cursor.values ?? []).map(normalizeValue);
  if (values.length > given) {
    throw googleError("INVALID_ARGUMENT", "Cursor has too many values.");
  }
  const nameIndex = keys.findIndex(({ text }) => text === NAME_FIELD);
  if (values[nameIndex] !== undefined && values[nameIndex].referenceValue === undefined) {
    throw googleError("INVALID_ARGUMENT", "Cursor __key__ value is not a document reference.");
  }
  const key = values[nameIndex]?.referenceValue;
  if (key !== undefined && databaseOf(key) !== database) {
    throw googleError(
      "INVALID_ARGUMENT",
      "The cursor key is in a different database than the query",
    );
  }
  return (document) => {
    for (const [index, value] of values.entries()) {
      const { path, sign } = keys[index] ?? { path: [NAME_FIELD], sign: 1 };
      const difference = compareValues(documentValue(document, path) ?? NULL, value) * sign;
      if (difference !== 0) {
        return difference;
      }
    }
    return 0;
  };
}

function checkKeys(keys: readonly OrderKey[], where: Filter | undefined): void {
  const texts = keys.map(({ text }) => text);
  if (new Set(texts).size < texts.length) {
    throw googleError("INVALID_ARGUMENT", "order by clause cannot contain duplicate fields");
  }
  if (texts.indexOf(NAME_FIELD) < texts.length - 1) {
    throw googleError(
      "INVALID_ARGUMENT",
      "order by clause cannot contain more fields after the key",
    );
  }
  const isNameDescending = keys.length === 1 && keys[0]?.sign === -1;
  if (isNameDescending && comparisonsOf(where).every(({ field }) => field === NAME_FIELD)) {
    throw googleError("FAILED_PRECONDITION", "Firestore does not support descending key scans");
  }
}

function toKey(text: string, sign: 1 | -1): OrderKey {
  return { path: parseFieldPath(text), text, sign };
}
