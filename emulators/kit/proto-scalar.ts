import { invalidValue, type Place } from "./payload.ts";

const INTEGER = /^-?\d+$/;
const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** The variants of an integer type differ only on the wire. */
const INTEGER_KINDS: Readonly<Record<string, string>> = {
  int32: "int32",
  sint32: "int32",
  sfixed32: "int32",
  uint32: "uint32",
  fixed32: "uint32",
  int64: "int64",
  sint64: "int64",
  sfixed64: "int64",
  uint64: "uint64",
  fixed64: "uint64",
};

/**
 * A scalar from JSON in the form that protobufjs encodes; 64-bit integers stay text.
 * Source: https://protobuf.dev/programming-guides/json/
 * @throws GoogleError INVALID_ARGUMENT when the value is not of the type.
 */
export function scalarToWire(json: unknown, place: Place): string | number | boolean | Uint8Array {
  switch (place.type) {
    case "string":
      return textToWire(json, place);
    case "bool":
      return truthToWire(json, place);
    case "bytes":
      return bytesToWire(json, place);
    case "float":
    case "double":
      return floatToWire(json, place);
    default:
      return integerToWire(json, place);
  }
}

/** A decoded scalar as JSON has it: 64-bit integers and bytes become text. */
export function scalarToJson(value: unknown, type: string): string | number | boolean {
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  }
  if (INTEGER_KINDS[type]?.endsWith("64") === true) {
    return String(value);
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    return String(value);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- all that is left of the scalars
  return value as string | number | boolean;
}

function textToWire(json: unknown, place: Place): string {
  if (typeof json !== "string") {
    throw invalidValue(json, place);
  }
  return json;
}

function truthToWire(json: unknown, place: Place): boolean {
  if (typeof json !== "boolean") {
    throw invalidValue(json, place);
  }
  return json;
}

function bytesToWire(json: unknown, place: Place): Uint8Array {
  if (json instanceof Uint8Array) {
    return json;
  }
  if (typeof json !== "string" || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(json)) {
    throw invalidValue(json, place);
  }
  return Buffer.from(json, "base64");
}

function floatToWire(json: unknown, place: Place): number {
  if (typeof json === "number") {
    return json;
  }
  const isNumber =
    typeof json === "string" && /^(NaN|-?Infinity|-?\d+(\.\d+)?(e[+-]?\d+)?)$/i.test(json);
  if (!isNumber) {
    throw invalidValue(json, place);
  }
  return Number(json);
}

function integerToWire(json: unknown, place: Place): number | string {
  const kind = INTEGER_KINDS[place.type] ?? "";
  const range = RANGES[kind];
  const text = typeof json === "number" ? toIntegerText(json) : json;
  if (range === undefined || typeof text !== "string" || !INTEGER.test(text)) {
    throw invalidValue(json, place);
  }
  const value = BigInt(text);
  if (value < range[0] || value > range[1]) {
    throw invalidValue(json, place);
  }
  return kind.endsWith("64") ? text : Number(value);
}

function toIntegerText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : "";
}
