import { googleError } from "../kit/google-error.ts";
import { type FieldFilter, type Filter, NAME_FIELD } from "./query-request.ts";
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
const LISTS = new Set(["IN", "NOT_IN", "ARRAY_CONTAINS_ANY"]);
const ARRAY_TESTS = new Set(["ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"]);
const INEQUALITIES = new Set([
  ...NEGATIONS,
  "LESS_THAN",
  "LESS_THAN_OR_EQUAL",
  "GREATER_THAN",
  "GREATER_THAN_OR_EQUAL",
]);

/**
 * Checks the rules on combining filters.
 * Source: https://firebase.google.com/docs/firestore/query-data/queries#limitations
 * @throws GoogleError INVALID_ARGUMENT when one is broken.
 */
export function checkFilter(filter: Filter): void {
  for (const { fieldFilter, compositeFilter } of nodes(filter)) {
    if (compositeFilter !== undefined && (compositeFilter.filters ?? []).length === 0) {
      throw refusal("A composite filter must have at least one filter.");
    }
    if (fieldFilter !== undefined && LISTS.has(fieldFilter.op ?? "")) {
      checkList(fieldFilter);
    }
  }
  checkNegations(filter);
  checkDisjunctions(filter);
}

/** The fields that a filter compares by inequality, in the order that they are sorted by. */
export function inequalityFields(filter: Filter | undefined): readonly string[] {
  const fields = leavesOf(filter)
    .filter((leaf) => INEQUALITIES.has(operatorOf(leaf)))
    .map(fieldOf);
  return [...new Set(fields)].toSorted();
}

/** The fields that a filter is about, some perhaps twice. */
export function filteredFields(filter: Filter | undefined): readonly string[] {
  return leavesOf(filter).map(fieldOf);
}

/**
 * Checks that the names which a filter compares with are of a database.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkNamed(filter: Filter | undefined, database: string): void {
  for (const { fieldFilter } of leavesOf(filter)) {
    const { field, value = {} } = fieldFilter ?? {};
    const compared = field?.fieldPath === NAME_FIELD ? [value, ...elementsOf(value)] : [];
    const other = compared
      .flatMap(({ referenceValue }) => referenceValue ?? [])
      .map(databaseOf)
      .find((one) => one !== database);
    if (other !== undefined) {
      throw refusal(
        `The request was for database '${database}' but was attempting to access database '${other}'`,
      );
    }
  }
}

function leavesOf(filter: Filter | undefined): readonly Filter[] {
  return filter === undefined ? [] : leaves(filter);
}

function fieldOf({ fieldFilter, unaryFilter }: Filter): string {
  return (fieldFilter ?? unaryFilter)?.field?.fieldPath ?? "";
}

function checkNegations(filter: Filter): void {
  const operators = leaves(filter).map(operatorOf);
  if (operators.filter((op) => NEGATIONS.has(op)).length > 1) {
    throw refusal(
      "Only a single 'NOT_EQUAL', 'NOT_IN', 'IS_NOT_NAN', or 'IS_NOT_NULL' filter allowed per query.",
    );
  }
  const isDisjunct =
    operators.includes("IN") ||
    operators.includes("ARRAY_CONTAINS_ANY") ||
    nodes(filter).some((node) => node.compositeFilter?.op === "OR");
  if (operators.includes("NOT_IN") && isDisjunct) {
    throw refusal(
      "'NOT_IN' cannot be used in the same query with 'IN', 'ARRAY_CONTAINS_ANY' or 'OR'.",
    );
  }
}

function checkList({ op, value }: FieldFilter): void {
  const size = elementsOf(value ?? {}).length;
  if (size === 0) {
    throw refusal(`'${op ?? ""}' requires an non-empty ArrayValue.`);
  }
  const most = op === "NOT_IN" ? NOT_IN_VALUES_MAX : DISJUNCTIONS_MAX;
  if (size > most) {
    throw refusal(`'${op ?? ""}' supports up to ${most} comparison values.`);
  }
}

function checkDisjunctions(filter: Filter): void {
  const count = disjunctions(filter);
  if (count > DISJUNCTIONS_MAX) {
    throw refusal(
      `Too many disjunctions after normalization. Result had ${count} disjunctions which is more than the maximum of ${DISJUNCTIONS_MAX}`,
    );
  }
  if (arrayTests(filter) > 1) {
    throw refusal("A maximum of 1 'ARRAY_CONTAINS' filter is allowed per disjunction.");
  }
}

/** How many alternatives the filter has once it is written as one OR of ANDs. */
function disjunctions({ compositeFilter, fieldFilter }: Filter): number {
  if (compositeFilter !== undefined) {
    const counts = (compositeFilter.filters ?? []).map(disjunctions);
    return compositeFilter.op === "OR"
      ? counts.reduce((sum, count) => sum + count, 0)
      : counts.reduce((product, count) => product * count, 1);
  }
  const isList = fieldFilter?.op === "IN" || fieldFilter?.op === "ARRAY_CONTAINS_ANY";
  return isList ? elementsOf(fieldFilter.value ?? {}).length : 1;
}

/** The most tests of an array's elements that one alternative has. */
function arrayTests(filter: Filter): number {
  if (filter.compositeFilter === undefined) {
    return ARRAY_TESTS.has(operatorOf(filter)) ? 1 : 0;
  }
  const counts = (filter.compositeFilter.filters ?? []).map(arrayTests);
  return filter.compositeFilter.op === "OR"
    ? Math.max(0, ...counts)
    : counts.reduce((sum, count) => sum + count, 0);
}

function nodes(filter: Filter): readonly Filter[] {
  return [filter, ...(filter.compositeFilter?.filters ?? []).flatMap(nodes)];
}

function leaves(filter: Filter): readonly Filter[] {
  return nodes(filter).filter((node) => node.compositeFilter === undefined);
}

function operatorOf(filter: Filter): string {
  return filter.fieldFilter?.op ?? filter.unaryFilter?.op ?? "";
}

function refusal(message: string): Error {
  return googleError("INVALID_ARGUMENT", message);
}

/** A field that a filter looks at, and what kind of index answers it. */
export type FieldTest = {
  readonly field: string;
  readonly kind: "equal" | "array" | "range";
};

/** What a filter asks of each field. */
export function fieldTests(filter: Filter | undefined): readonly FieldTest[] {
  return leavesOf(filter).map((leaf) => {
    const operator = operatorOf(leaf);
    const kind = ARRAY_TESTS.has(operator) ? "array" : "equal";
    return { field: fieldOf(leaf), kind: INEQUALITIES.has(operator) ? "range" : kind };
  });
}
