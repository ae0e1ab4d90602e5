import { googleError } from "../kit/google-error.ts";
import { type Comparison, comparisonOf, comparisonsOf } from "./filter.ts";
import { type Filter, NAME_FIELD } from "./query-request.ts";
import { databaseOf } from "./resource-name.ts";
import { elementsOf } from "./value.ts";

/**
 * The most disjunctions of a query, and values of `in` and `array-contains-any`.
 * Source: https://firebase.google.com/docs/firestore/query-data/queries#limits_on_or_queries
 */
const DISJUNCTIONS_MAX = 30;

/**
 * The most values of `not-in`.
 * Source: https://firebase.google.com/docs/firestore/query-data/queries#limitations
 */
const NOT_IN_VALUES_MAX = 10;

const NEGATIONS = new Set(["NOT_EQUAL", "NOT_IN", "IS_NOT_NAN", "IS_NOT_NULL"]);
const ALTERNATIVES = new Set(["IN", "ARRAY_CONTAINS_ANY"]);
const ARRAY_TESTS = new Set(["ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"]);
const INEQUALITIES = new Set([
  ...NEGATIONS,
  "LESS_THAN",
  "LESS_THAN_OR_EQUAL",
  "GREATER_THAN",
  "GREATER_THAN_OR_EQUAL",
]);

/** What kind of index answers a comparison. */
export function indexKindOf({ op }: Comparison): "equal" | "array" | "range" {
  const kind = ARRAY_TESTS.has(op) ? "array" : "equal";
  return INEQUALITIES.has(op) ? "range" : kind;
}

/**
 * Checks the rules on combining filters, and that names are compared with names of the database.
 * Source: https://firebase.google.com/docs/firestore/query-data/queries#limitations
 * @throws GoogleError INVALID_ARGUMENT when one is broken.
 */
export function checkFilter(filter: Filter, database: string): void {
  const operators = compositeOperators(filter);
  const comparisons = comparisonsOf(filter);
  for (const comparison of comparisons) {
    checkList(comparison);
    if (comparison.field === NAME_FIELD) {
      checkNames(comparison, database);
    }
  }
  const isDisjunct = operators.includes("OR") || comparisons.some(({ op }) => ALTERNATIVES.has(op));
  checkNegations(comparisons, isDisjunct);
  checkDisjunctions(filter);
}

/** The operators that join filters. @throws GoogleError INVALID_ARGUMENT for one that joins none, or is none. */
function compositeOperators({ compositeFilter }: Filter): readonly string[] {
  if (compositeFilter === undefined) {
    return [];
  }
  const { op = "", filters = [] } = compositeFilter;
  if (op !== "AND" && op !== "OR") {
    throw refusal("Unsupported CompositeFilter operator.");
  }
  if (filters.length === 0) {
    throw refusal("A composite filter must have at least one filter.");
  }
  return [op, ...filters.flatMap(compositeOperators)];
}

function checkList({ op, value = {} }: Comparison): void {
  if (op !== "NOT_IN" && !ALTERNATIVES.has(op)) {
    return;
  }
  const size = elementsOf(value).length;
  if (size === 0) {
    throw refusal(`'${op}' requires an non-empty ArrayValue.`);
  }
  const most = op === "NOT_IN" ? NOT_IN_VALUES_MAX : DISJUNCTIONS_MAX;
  if (size > most) {
    throw refusal(`'${op}' supports up to ${most} comparison values.`);
  }
}

function checkNames({ op, value = {} }: Comparison, database: string): void {
  if (ARRAY_TESTS.has(op)) {
    throw refusal("the name __key__ is reserved");
  }
  const names = value.arrayValue === undefined ? [value] : elementsOf(value);
  for (const { referenceValue } of names) {
    if (referenceValue === undefined) {
      throw refusal("__key__ filter value must be a Key");
    }
    const other = databaseOf(referenceValue);
    if (other !== database) {
      throw refusal(
        `The request was for database '${database}' but was attempting to access database '${other}'`,
      );
    }
  }
}

function checkNegations(comparisons: readonly Comparison[], isDisjunct: boolean): void {
  const negations = comparisons.map(({ op }) => op).filter((op) => NEGATIONS.has(op));
  if (negations.length > 1) {
    throw refusal(
      "Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed per query.",
    );
  }
  if (negations.includes("NOT_IN") && isDisjunct) {
    throw refusal(
      "'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'.",
    );
  }
}

function checkDisjunctions(filter: Filter): void {
  /** How many alternatives the filter has once it is written as one OR of ANDs. */
  const count = fold(filter, {
    one: ({ op, value = {} }) => (ALTERNATIVES.has(op) ? elementsOf(value).length : 1),
    and: (left, right) => left * right,
    or: (left, right) => left + right,
  });
  if (count > DISJUNCTIONS_MAX) {
    throw refusal(
      `Too many disjunctions after normalization. Result had ${count} disjunctions which is more than the maximum of ${DISJUNCTIONS_MAX}`,
    );
  }
  /** The most tests of an array's elements that one alternative has. */
  const tests = fold(filter, {
    one: ({ op }) => (ARRAY_TESTS.has(op) ? 1 : 0),
    and: (left, right) => left + right,
    or: (left, right) => Math.max(left, right),
  });
  if (tests > 1) {
    throw refusal("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.");
  }
}

type Fold = {
  readonly one: (comparison: Comparison) => number;
  readonly and: (left: number, right: number) => number;
  readonly or: (left: number, right: number) => number;
};

function fold(filter: Filter, how: Fold): number {
  const { compositeFilter } = filter;
  if (compositeFilter === undefined) {
    return how.one(comparisonOf(filter));
  }
  const figures = (compositeFilter.filters ?? []).map((inner) => fold(inner, how));
  return figures.reduce(compositeFilter.op === "OR" ? how.or : how.and);
}

function refusal(message: string): Error {
  return googleError("INVALID_ARGUMENT", message);
}
