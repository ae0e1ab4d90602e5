import { googleError } from "../kit/google-error.ts";
import { documentValue } from "./document-value.ts";
import type { Document } from "./documents.ts";
import { type FieldPath, parseFieldPath } from "./field-path.ts";
import { normalizeValue } from "./normalize.ts";
import { type FieldFilter, type Filter, NAME_FIELD } from "./query-request.ts";
import { elementsOf, isNan, isNull, type Value } from "./value.ts";
import { compareValues, equalValues, typeRank } from "./value-order.ts";

/** Whether a document is among a query's results. */
export type Predicate = (document: Document) => boolean;

type Test = (value: Value) => boolean;

/**
 * The predicate of a filter. A document without the field never matches, whatever the operator.
 * Source: https://firebase.google.com/docs/firestore/query-data/queries
 * @throws GoogleError INVALID_ARGUMENT for an unknown operator, a bad path or a bad value.
 */
export function compileFilter({ compositeFilter, unaryFilter, fieldFilter }: Filter): Predicate {
  if (compositeFilter !== undefined) {
    return compileComposite(compositeFilter);
  }
  return unaryFilter === undefined
    ? compileFieldFilter(fieldFilter ?? {})
    : compileUnary(unaryFilter);
}

function compileComposite({ op, filters = [] }: NonNullable<Filter["compositeFilter"]>): Predicate {
  if (op !== "AND" && op !== "OR") {
    throw googleError("INVALID_ARGUMENT", "Unsupported CompositeFilter operator.");
  }
  const predicates = filters.map(compileFilter);
  return op === "OR"
    ? (document) => predicates.some((predicate) => predicate(document))
    : (document) => predicates.every((predicate) => predicate(document));
}

function compileUnary({ field, op }: NonNullable<Filter["unaryFilter"]>): Predicate {
  if (field?.fieldPath === NAME_FIELD) {
    throw notKey();
  }
  return onField(parseFieldPath(field?.fieldPath ?? ""), findTest(UNARY, op));
}

function compileFieldFilter({ field, op, value }: FieldFilter): Predicate {
  const path = parseFieldPath(field?.fieldPath ?? "");
  const operand = normalizeValue(value ?? {});
  if (path[0] === NAME_FIELD) {
    checkNames(op, operand);
  }
  return onField(path, findTest(BINARY, op)(operand));
}

/** The values that a filter pins fields to: what every match has at that path. */
export function pinnedValues(filter: Filter | undefined): ReadonlyMap<string, Value> {
  const pinned = new Map<string, Value>();
  for (const { field, op, value } of conjuncts(filter)) {
    if (op === "EQUAL" && field?.fieldPath !== undefined && value !== undefined) {
      pinned.set(field.fieldPath, normalizeValue(value));
    }
  }
  return pinned;
}

function conjuncts(filter: Filter | undefined): readonly FieldFilter[] {
  if (filter?.fieldFilter !== undefined) {
    return [filter.fieldFilter];
  }
  const composite = filter?.compositeFilter;
  return composite?.op === "AND" ? (composite.filters ?? []).flatMap(conjuncts) : [];
}

const UNARY: Readonly<Record<string, Test>> = {
  IS_NULL: isNull,
  IS_NAN: isNan,
  IS_NOT_NULL: (value) => !isNull(value),
  IS_NOT_NAN: (value) => !isNull(value) && !isNan(value),
};

const BINARY: Readonly<Record<string, (operand: Value) => Test>> = {
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

function onField(path: FieldPath, test: Test): Predicate {
  return (document) => {
    const value = documentValue(document, path);
    return value !== undefined && test(value);
  };
}

function findTest<T>(tests: Readonly<Record<string, T>>, op: string | undefined): T {
  const test = tests[op ?? ""];
  if (test === undefined) {
    throw googleError("INVALID_ARGUMENT", `Unknown filter operator "${op ?? ""}".`);
  }
  return test;
}

function checkNames(op: string | undefined, operand: Value): void {
  if (op?.startsWith("ARRAY_") === true) {
    throw googleError("INVALID_ARGUMENT", "the name __key__ is reserved");
  }
  const names = operand.arrayValue === undefined ? [operand] : elementsOf(operand);
  if (names.some((name) => name.referenceValue === undefined)) {
    throw notKey();
  }
}

function notKey(): Error {
  return googleError("INVALID_ARGUMENT", "__key__ filter value must be a Key");
}
