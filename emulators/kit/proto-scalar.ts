import { invalidValue, type Place } from "./payload.ts";

/** A scalar in the form that protobufjs encodes; 64-bit integers stay text. */
type Scalar = string | number | boolean | Uint8Array;

/** What JSON's value is as a scalar of some type; undefined for one that is none. */
type Reader = (json: unknown) => Scalar | undefined;

/** By type; the variants of an integer type differ only on the wire. */
const READERS: Readonly<Record<string, Reader>> = {
  string: (json) => (typeof json === "string" ? json : undefined),
  bool: (json) => (typeof json === "boolean" ? json : undefined),
  bytes: readBytes,
  float: readFloat,
  double: readFloat,
  ...integers(["int32", "sint32", "sfixed32"], { bits: 32, isSigned: true }),
  ...integers(["uint32", "fixed32"], { bits: 32, isSigned: false }),
  ...integers(["int64", "sint64", "sfixed64"], { bits: 64, isSigned: true }),
  ...integers(["uint64", "fixed64"], { bits: 64, isSigned: false }),
};

/**
 * A scalar from JSON.
 * Source: https://protobuf.dev/programming-guides/json/
 * @throws GoogleError INVALID_ARGUMENT when the value is not of the type.
 */
export function scalarToWire(json: unknown, place: Place): Scalar {
  const scalar = READERS[place.type]?.(json);
  if (scalar === undefined) {
    throw invalidValue(json, place);
  }
  return scalar;
}

/** A decoded scalar as JSON has it: 64-bit integers and bytes become text. */
export function scalarToJson(value: unknown, type: string): string | number | boolean {
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  }
  if (type.endsWith("64") || (typeof value === "number" && !Number.isFinite(value))) {
    return String(value);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that is left of the scalars
  return value as string | number | boolean;
}

function readBytes(json: unknown): Uint8Array | undefined {
  if (json instanceof Uint8Array) {
    return json;
  }
  const isBase64 = typeof json === "string" && /^[A-Za-z0-9+/_-]*={0,2}$/.test(json);
  return isBase64 ? Buffer.from(json, "base64") : undefined;
}

function readFloat(json: unknown): number | undefined {
  if (typeof json === "number") {
    return json;
  }
  const isNumber =
    typeof json === "string" && /^(NaN|-?Infinity|-?\d+(\.\d+)?(e[+-]?\d+)?)$/i.test(json);
  return isNumber ? Number(json) : undefined;
}

function integers(
  types: readonly string[],
  { bits, isSigned }: { readonly bits: 32 | 64; readonly isSigned: boolean },
): Readonly<Record<string, Reader>> {
  function read(json: unknown): string | number | undefined {
    const text = typeof json === "number" && Number.isInteger(json) ? String(BigInt(json)) : json;
    if (typeof text !== "string" || !/^-?\d+$/.test(text)) {
      return undefined;
    }
    const value = BigInt(text);
    if ((isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) !== value) {
      return undefined;
    }
    return bits === 64 ? text : Number(value);
  }
  return Object.fromEntries(types.map((type) => [type, read]));
}
