import { googleError } from "../kit/google-error.ts";
import { checkReference } from "./resource-name.ts";
import { canonicalTimestamp } from "./timestamp.ts";
import type { Fields, Value } from "./value.ts";
import { kindOf, NULL, toDoubleValue } from "./value.ts";

const INTEGER_BITS = 64;

/**
 * A value from a request in the form it is stored and compared in.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/Value
 * @throws GoogleError INVALID_ARGUMENT when no type is set, the value does not fit its type, or a reference is none.
 */
export function normalizeValue(value: Value): Value {
  switch (kindOf(value)) {
    case "nullValue":
      return NULL;
    case "integerValue":
      return { integerValue: normalizeInteger(value.integerValue ?? 0) };
    case "doubleValue":
      return toDoubleValue(Number(value.doubleValue));
    case "timestampValue":
      return { timestampValue: canonicalTimestamp(value.timestampValue ?? "") };
    case "geoPointValue":
      throw googleError("UNIMPLEMENTED", "The emulator does not implement geoPointValue.");
    case "arrayValue":
      return { arrayValue: { values: (value.arrayValue?.values ?? []).map(normalizeValue) } };
    case "mapValue":
      return { mapValue: { fields: normalizeFields(value.mapValue?.fields ?? {}) } };
    case "booleanValue":
    case "stringValue":
    case "bytesValue":
      return value;
    case "referenceValue":
      return { referenceValue: checkReference(value.referenceValue ?? "") };
    case undefined:
      throw googleError("INVALID_ARGUMENT", "Cannot convert firestore.v1.Value with type unset.");
  }
}

/**
 * The fields of a request in the form they are stored in.
 * @throws GoogleError INVALID_ARGUMENT as `normalizeValue` does.
 */
export function normalizeFields(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, normalizeValue(value)]),
  );
}

function normalizeInteger(given: string | number): string {
  const text = String(given);
  if (!/^[+-]?\d+$/.test(text) || BigInt.asIntN(INTEGER_BITS, BigInt(text)) !== BigInt(text)) {
    throw googleError("INVALID_ARGUMENT", `Invalid integer "${text}": it does not fit 64 bits.`);
  }
  return String(BigInt(text));
}
