import { invalidValue, type Place } from "./payload.ts";

/** A scalar in the form that protobufjs encodes; 64-bit integers stay text. */
type Scalar = string | number | boolean | Uint8Array;

/** What JSON's value is as a scalar of some type; undefined for one that is none. */
type Reader = (json: unknown) => Scalar | undefined;

/** By type; no API here has other integers. */
const READERS: Readonly<Record<string, Reader>> = {
  string: (json) => (typeof json === "string" ? json : undefined),
  bool: (json) => (typeof json === "boolean" ? json : undefined),
  bytes: readBytes,
  float: readFloat,
  double: readFloat,
  int32: (json) => toNumber(readInteger(json, (value) => BigInt.asIntN(32, value))),
  uint32: (json) => toNumber(readInteger(json, (value) => BigInt.asUintN(32, value))),
  int64: (json) => readInteger(json, (value) => BigInt.asIntN(64, value)),
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

/** An integer that is the same when it is cut to what its type holds. */
function readInteger(json: unknown, cut: (value: bigint) => bigint): string | undefined {
  const text = typeof json === "number" && Number.isInteger(json) ? String(BigInt(json)) : json;
  return typeof text === "string" && /^-?\d+$/.test(text) && cut(BigInt(text)) === BigInt(text)
    ? text
    : undefined;
}

function toNumber(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
