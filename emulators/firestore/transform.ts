import { googleError } from "../kit/google-error.ts";
import { type FieldPath, parseFieldPath, valueAt, withValueAt } from "./field-path.ts";
import { normalizeValue } from "./normalize.ts";
import { toTimestampText } from "./timestamp.ts";
import type { ArrayValue, Fields, Value } from "./value.ts";
import { elementsOf, NULL, numberOf, toDoubleValue } from "./value.ts";
import { equalValues } from "./value-order.ts";

/**
 * A change of one field that the server works out.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/Write#FieldTransform
 */
export type FieldTransform = {
  readonly fieldPath?: string;
  readonly setToServerValue?: string;
  readonly increment?: Value;
  readonly maximum?: Value;
  readonly minimum?: Value;
  readonly appendMissingElements?: ArrayValue;
  readonly removeAllFromArray?: ArrayValue;
};

/** The fields after transforms, and what each transform answers. */
export type Transformed = { readonly fields: Fields; readonly results: readonly Value[] };

const INTEGER_MAX = 2n ** 63n - 1n;
const INTEGER_MIN = -(2n ** 63n);

/**
 * Applies transforms in order. The server's time has the precision of a millisecond.
 * @param time Of the commit, in microseconds since the epoch.
 * @throws GoogleError INVALID_ARGUMENT for a bad path, no transform, or an operand that is no number.
 */
export function applyTransforms(
  fields: Fields,
  transforms: readonly FieldTransform[],
  time: number,
): Transformed {
  let next = fields;
  const results: Value[] = [];
  const paths = transforms.map(({ fieldPath = "" }) => parseFieldPath(fieldPath));
  checkApart(paths);
  for (const [index, transform] of transforms.entries()) {
    const path = paths[index] ?? [];
    const value = transformed(valueAt(next, path), transform, time);
    next = withValueAt(next, path, value);
    results.push(value.arrayValue === undefined ? value : NULL);
  }
  return { fields: next, results };
}

/** One field may be changed several times, but not together with what is in it. */
function checkApart(paths: readonly FieldPath[]): void {
  const outer = paths.find((path) =>
    paths.some(
      (other) => other.length > path.length && path.every((name, at) => other[at] === name),
    ),
  );
  if (outer !== undefined) {
    throw googleError(
      "INVALID_ARGUMENT",
      `Cannot transform property ${outer.join(".")} and its nested property at the same time.`,
    );
  }
}

function transformed(current: Value | undefined, transform: FieldTransform, time: number): Value {
  const { increment, appendMissingElements, removeAllFromArray } = transform;
  if (transform.setToServerValue === "REQUEST_TIME") {
    return { timestampValue: toTimestampText(Math.floor(time / 1000) * 1000) };
  }
  if (increment !== undefined) {
    return sum(current, normalizeValue(increment));
  }
  if (appendMissingElements !== undefined) {
    return union(elementsOf(current ?? NULL), normalizedElements(appendMissingElements));
  }
  if (removeAllFromArray !== undefined) {
    const removed = normalizedElements(removeAllFromArray);
    return toArray(elementsOf(current ?? NULL).filter((element) => !isAmong(removed, element)));
  }
  if (transform.maximum !== undefined || transform.minimum !== undefined) {
    throw googleError("UNIMPLEMENTED", "The emulator does not implement maximum and minimum.");
  }
  throw googleError("INVALID_ARGUMENT", "A field transform must have a transform type.");
}

/** What is no number counts for nothing. */
function sum(current: Value | undefined, operand: Value): Value {
  const left = numberOf(current ?? NULL);
  const right = numberOf(operand);
  if (right === undefined) {
    throw googleError("INVALID_ARGUMENT", "The operand of a field transform must be a number.");
  }
  if (left === undefined) {
    return operand;
  }
  if (typeof left === "number" || typeof right === "number") {
    return toDoubleValue(Number(left) + Number(right));
  }
  const exact = left + right;
  if (exact > INTEGER_MAX) {
    return { integerValue: String(INTEGER_MAX) };
  }
  return { integerValue: String(exact < INTEGER_MIN ? INTEGER_MIN : exact) };
}

function union(current: readonly Value[], added: readonly Value[]): Value {
  const elements = [...current];
  for (const element of added) {
    if (!isAmong(elements, element)) {
      elements.push(element);
    }
  }
  return toArray(elements);
}

function normalizedElements(array: ArrayValue): readonly Value[] {
  return (array.values ?? []).map(normalizeValue);
}

function isAmong(values: readonly Value[], wanted: Value): boolean {
  return values.some((value) => equalValues(value, wanted));
}

function toArray(values: readonly Value[]): Value {
  return { arrayValue: { values } };
}
