import { googleError } from "../kit/google-error.ts";
import { type Document, documentValue } from "./documents.ts";
import { parseFieldPath } from "./field-path.ts";
import { normalizeValue } from "./normalize.ts";
import type { Filter } from "./query-request.ts";
import { elementsOf, isNan, isNull, NULL, type Value } from "./value.ts";
import { compareValues, equalValues, typeRank } from "./value-order.ts";

/** Whether a document is among a query's results. */
export type Predicate = (document: Document) => boolean;

/** A filter that no others are in: of a field with a value, or by an operator that needs none. */
export type Comparison = {
  readonly field: string;
  readonly op: string;
  readonly value: Value | undefined;
};

type Test = (value: Value) => boolean;

/** All comparisons of a filter. */
export function comparisonsOf(filter: Filter | undefined): readonly Comparison[] {
  if (filter === undefined) {
    return [];
  }
  const { compositeFilter } = filter;
  return compositeFilter === undefined
    ? [comparisonOf(filter)]
    : (compositeFilter.filters ?? []).flatMap(comparisonsOf);
}

/** The comparison that a filter without others in it is. */
export function comparisonOf({ fieldFilter, unaryFilter }: Filter): Comparison {
  const { field, op = "" } = fieldFilter ?? unaryFilter ?? {};
  return { field: field?.fieldPath ?? "", op, value: fieldFilter?.value };
}

/**
 * The predicate of a filter. A document without the field never matches, whatever the operator.
 * Source: https://firebase.google.com/docs/firestore/query-data/queries
 * @throws GoogleError INVALID_ARGUMENT for an unknown operator, a bad path or a bad value.
 */
export function compileFilter(filter: Filter): Predicate {
  const { compositeFilter } = filter;
  if (compositeFilter === undefined) {
    return compileComparison(comparisonOf(filter));
  }
  const predicates = (compositeFilter.filters ?? []).map(compileFilter);
  return compositeFilter.op === "OR"
    ? (document) => predicates.some((predicate) => predicate(document))
    : (document) => predicates.every((predicate) => predicate(document));
}

function compileComparison({ field, op, value }: Comparison): Predicate {
  const path = parseFieldPath(field);
  const toTest = TESTS[op];
  if (toTest === undefined) {
    throw googleError("INVALID_ARGUMENT", `Unknown filter operator "${op}".`);
  }
  const test = toTest(op.startsWith("IS_") ? NULL : normalizeValue(value ?? {}));
  return (document) => {
    const found = documentValue(document, path);
    return found !== undefined && test(found);
  };
}

/** The values that a filter pins fields to: what every match has at that path. */
export function pinnedValues(filter: Filter | undefined): ReadonlyMap<string, Value> {
  const equal = conjunctsOf(filter).filter(({ op }) => op === "EQUAL");
  return new Map(equal.map(({ field, value = {} }) => [field, normalizeValue(value)]));
}

function conjunctsOf(filter: Filter | undefined): readonly Comparison[] {
  const composite = filter?.compositeFilter;
  if (composite === undefined) {
    return comparisonsOf(filter);
  }
  return composite.op === "AND" ? (composite.filters ?? []).flatMap(conjunctsOf) : [];
}

const TESTS: Readonly<Record<string, (operand: Value) => Test>> = {
  IS_NULL: () => isNull,
  IS_NAN: () => isNan,
  IS_NOT_NULL: () => (value) => !isNull(value),
  IS_NOT_NAN: () => (value) => !isNull(value) && !isNan(value),
  EQUAL: (operand) => (value) => equalValues(value, operand),
  NOT_EQUAL: (operand) => (value) => !isNull(value) && !equalValues(value, operand),
  LESS_THAN: inequality((difference) => difference < 0),
  LESS_THAN_OR_EQUAL: inequality((difference) => difference <= 0),
  GREATER_THAN: inequality((difference) => difference > 0),
  GREATER_THAN_OR_EQUAL: inequality((difference) => difference >= 0),
  ARRAY_CONTAINS: (operand) => (value) =>
    elementsOf(value).some((element) => equalValues(element, operand)),
  ARRAY_CONTAINS_ANY: (operand) => (value) =>
    elementsOf(value).some((element) => isListed(operand, element)),
  IN: (operand) => (value) => isListed(operand, value),
  NOT_IN: (operand) =>
    elementsOf(operand).some(isNull)
      ? () => false
      : (value) => !isNull(value) && !isListed(operand, value),
};

/** An inequality only compares within a type, and NaN is in no range. */
function inequality(holds: (difference: number) => boolean): (operand: Value) => Test {
  return (operand) => (value) =>
    typeRank(value) === typeRank(operand) &&
    isNan(value) === isNan(operand) &&
    holds(compareValues(value, operand));
}

/** Null and NaN in a list of values match nothing. */
function isListed(list: Value, value: Value): boolean {
  return !isNull(value) && !isNan(value) && elementsOf(list).some((one) => equalValues(one, value));
}
