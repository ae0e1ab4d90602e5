/**
 * A value as its JSON has it: exactly one of the fields is there. Stored values are normalized:
 * integers are texts, timestamps have six digits, doubles that JSON cannot say are texts.
 * Source: https://firebase.google.com/docs/firestore/reference/rest/v1/Value
 */
export type Value = {
  readonly nullValue?: string | null;
  readonly booleanValue?: boolean;
  readonly integerValue?: string | number;
  readonly doubleValue?: number | string;
  readonly timestampValue?: string;
  readonly stringValue?: string;
  readonly bytesValue?: string;
  readonly referenceValue?: string;
  /** Not emulated. */
  readonly geoPointValue?: object;
  readonly arrayValue?: ArrayValue;
  readonly mapValue?: { readonly fields?: Fields };
};

/** The elements of an array; none when the field is left out. */
export type ArrayValue = { readonly values?: readonly Value[] };

/** Fields of a document or a map by name. */
export type Fields = Readonly<Record<string, Value>>;

/** The type of a value, named as the field that carries it. */
export type ValueKind = keyof Value;

const KINDS: readonly ValueKind[] = [
  "stringValue",
  "integerValue",
  "mapValue",
  "booleanValue",
  "timestampValue",
  "arrayValue",
  "nullValue",
  "doubleValue",
  "referenceValue",
  "bytesValue",
  "geoPointValue",
];

/** The type of a value, or undefined when none is set. */
export function kindOf(value: Value): ValueKind | undefined {
  return KINDS.find((kind) => value[kind] !== undefined);
}

/** The null value. */
export const NULL: Value = { nullValue: null };

/** A double as a value, with a text where JSON has no number. */
export function toDoubleValue(number: number): Value {
  return { doubleValue: Number.isFinite(number) ? number : String(number) };
}

/** Whether a value is the number NaN. */
export function isNan(value: Value): boolean {
  return value.doubleValue !== undefined && Number.isNaN(Number(value.doubleValue));
}

/** Whether a value is null. */
export function isNull(value: Value): boolean {
  return value.nullValue !== undefined;
}

/** A number exactly: integers as bigint, doubles as number; undefined for what is no number. */
export function numberOf(value: Value): bigint | number | undefined {
  if (value.integerValue !== undefined) {
    return BigInt(value.integerValue);
  }
  return value.doubleValue === undefined ? undefined : Number(value.doubleValue);
}

/** The elements of a value that is an array, else none. */
export function elementsOf(value: Value): readonly Value[] {
  return value.arrayValue?.values ?? [];
}
