import type { Fields, Value, ValueKind } from "./value.ts";
import { elementsOf, kindOf, numberOf } from "./value.ts";

/**
 * The order of types.
 * Source: https://firebase.google.com/docs/firestore/manage-data/data-types#value_type_ordering
 */
const RANKS: Readonly<Record<ValueKind, number>> = {
  nullValue: 0,
  booleanValue: 1,
  integerValue: 2,
  doubleValue: 2,
  timestampValue: 3,
  stringValue: 4,
  bytesValue: 5,
  referenceValue: 6,
  arrayValue: 7,
  mapValue: 8,
  geoPointValue: 9,
};

/** Where a value's type stands in the order of types; integers and doubles are one type. */
export function typeRank(value: Value): number {
  const kind = kindOf(value);
  return kind === undefined ? -1 : RANKS[kind];
}

/** Compares two values of any types: negative, zero or positive. 3 equals 3.0, NaN equals NaN. */
export function compareValues(left: Value, right: Value): number {
  const rank = typeRank(left);
  const difference = rank - typeRank(right);
  return difference === 0 ? compareSameType(left, right, rank) : difference;
}

/** Whether two values are equal to a query: 3 equals 3.0, NaN equals NaN. */
export function equalValues(left: Value, right: Value): boolean {
  return compareValues(left, right) === 0;
}

const COMPARISONS: readonly ((left: Value, right: Value) => number)[] = [
  () => 0,
  (left, right) => Number(left.booleanValue) - Number(right.booleanValue),
  compareNumbers,
  (left, right) => compareText(left.timestampValue ?? "", right.timestampValue ?? ""),
  (left, right) => compareText(left.stringValue ?? "", right.stringValue ?? ""),
  (left, right) => Buffer.compare(bytesOf(left), bytesOf(right)),
  (left, right) => compareNames(left.referenceValue ?? "", right.referenceValue ?? ""),
  (left, right) => compareArrays(elementsOf(left), elementsOf(right)),
  (left, right) => compareMaps(left.mapValue?.fields ?? {}, right.mapValue?.fields ?? {}),
];

function compareSameType(left: Value, right: Value, rank: number): number {
  return COMPARISONS[rank]?.(left, right) ?? 0;
}

function compareNumbers(left: Value, right: Value): number {
  const leftNumber = numberOf(left) ?? 0;
  const rightNumber = numberOf(right) ?? 0;
  // JavaScript compares a bigint with a number by their exact values.
  if (leftNumber < rightNumber) {
    return -1;
  }
  if (leftNumber > rightNumber) {
    return 1;
  }
  // NaN, which is neither, comes before all other numbers.
  return Number(Number.isNaN(rightNumber)) - Number(Number.isNaN(leftNumber));
}

function bytesOf(value: Value): Buffer {
  return Buffer.from(value.bytesValue ?? "", "base64");
}

function compareArrays(left: readonly Value[], right: readonly Value[]): number {
  for (const [index, element] of left.entries()) {
    const other = right[index];
    if (other === undefined) {
      return 1;
    }
    const difference = compareValues(element, other);
    if (difference !== 0) {
      return difference;
    }
  }
  return left.length - right.length;
}

function compareMaps(left: Fields, right: Fields): number {
  const entries = sortedEntries(left);
  const others = sortedEntries(right);
  for (const [index, [key, value]] of entries.entries()) {
    const other = others[index];
    if (other === undefined) {
      return 1;
    }
    const difference = compareText(key, other[0]) || compareValues(value, other[1]);
    if (difference !== 0) {
      return difference;
    }
  }
  return entries.length - others.length;
}

function sortedEntries(fields: Fields): readonly (readonly [string, Value])[] {
  return Object.entries(fields).toSorted(([left], [right]) => compareText(left, right));
}

/** Compares two texts in the order of their UTF-8 bytes, which is the order of strings and names. */
export function compareText(left: string, right: string): number {
  if (left === right) {
    return 0;
  }
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const unit = left.charCodeAt(index);
    const other = right.charCodeAt(index);
    if (unit !== other) {
      return byteRank(unit) - byteRank(other);
    }
  }
  return left.length - right.length;
}

/** Compares two resource names segment by segment, so that a document precedes what is under it. */
export function compareNames(left: string, right: string): number {
  const segments = left.split("/");
  const others = right.split("/");
  for (const [index, segment] of segments.entries()) {
    const other = others[index];
    if (other === undefined) {
      return 1;
    }
    const difference = compareText(segment, other);
    if (difference !== 0) {
      return difference;
    }
  }
  return segments.length - others.length;
}

const SURROGATE_MIN = 0xd800;
const SURROGATE_MAX = 0xdfff;
const ABOVE_ALL_UNITS = 0x10000;

/** Halves of a pair stand for code points above all others, though their units are not the largest. */
function byteRank(unit: number): number {
  return unit >= SURROGATE_MIN && unit <= SURROGATE_MAX ? unit + ABOVE_ALL_UNITS : unit;
}
