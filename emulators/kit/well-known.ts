import { isRecord, type Json } from "./json.ts";
import { invalidValue, type Place } from "./payload.ts";
import { scalarToJson, scalarToWire } from "./proto-scalar.ts";

type Fields = Readonly<Record<string, unknown>>;

/** How a message type with a JSON form of its own is converted. */
export type WellKnown = {
  readonly toWire: (json: unknown, place: Place) => Fields;
  readonly toJson: (message: Fields) => Json;
};

/** The scalars that have a message around them, where it matters whether one is there; no API here has others. */
const WRAPPED = ["Bool", "Double", "Int32", "Int64"] as const;

/**
 * The message types that JSON writes as something other than an object of their fields, as far as the APIs have them; Any,
 * which needs other types, is not here.
 * Source: https://protobuf.dev/programming-guides/json/
 */
export const WELL_KNOWN: Readonly<Record<string, WellKnown>> = {
  "google.protobuf.Timestamp": { toWire: timestampToWire, toJson: timestampToJson },
  "google.protobuf.Duration": { toWire: durationToWire, toJson: durationToJson },
  "google.protobuf.FieldMask": { toWire: maskToWire, toJson: maskToJson },
  "google.protobuf.Struct": { toWire: structToWire, toJson: structToJson },
  ...Object.fromEntries(WRAPPED.map((type) => [`google.protobuf.${type}Value`, wrapper(type)])),
};

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})$/;
const DURATION = /^(-?)(\d+)(?:\.(\d{1,9}))?s$/;

function wrapper(name: string): WellKnown {
  const type = name.toLowerCase();
  return {
    toWire: (json, { path }) => ({ value: scalarToWire(json, { path, type }) }),
    toJson: ({ value }) => scalarToJson(value, type),
  };
}

function timestampToWire(json: unknown, place: Place): Fields {
  const match = typeof json === "string" ? TIMESTAMP.exec(json) : null;
  const seconds = Date.parse(`${match?.[1] ?? ""}${match?.[3] ?? ""}`) / 1000;
  if (match === null || Number.isNaN(seconds)) {
    throw invalidValue(json, { ...place, type: "google.protobuf.Timestamp" });
  }
  return { seconds: String(seconds), nanos: toNanos(match[2]) };
}

function timestampToJson(message: Fields): Json {
  const date = new Date(Number(message["seconds"] ?? 0) * 1000).toISOString();
  return date.replace(".000Z", `${toFraction(Number(message["nanos"] ?? 0))}Z`);
}

function durationToWire(json: unknown, place: Place): Fields {
  const match = typeof json === "string" ? DURATION.exec(json) : null;
  if (match === null) {
    throw invalidValue(json, { ...place, type: "google.protobuf.Duration" });
  }
  const isNegative = match[1] === "-";
  const nanos = toNanos(match[3]);
  return { seconds: `${match[1]}${match[2]}`, nanos: isNegative ? -nanos : nanos };
}

function durationToJson(message: Fields): Json {
  const seconds = Number(message["seconds"] ?? 0);
  const nanos = Number(message["nanos"] ?? 0);
  const sign = seconds < 0 || nanos < 0 ? "-" : "";
  return `${sign}${Math.abs(seconds)}${toFraction(Math.abs(nanos))}s`;
}

function toNanos(digits: string | undefined): number {
  return Number((digits ?? "").padEnd(9, "0"));
}

/** Nanoseconds as the decimals of a second: none, or 3, 6 or 9 digits. */
function toFraction(nanos: number): string {
  const digits = String(nanos)
    .padStart(9, "0")
    .replace(/(000){1,3}$/, "");
  return digits === "" ? "" : `.${digits}`;
}

/** Paths stay as the caller wrote them: only who applies a mask can tell a field from a map's key. */
function maskToWire(json: unknown, place: Place): Fields {
  if (typeof json !== "string") {
    throw invalidValue(json, { ...place, type: "google.protobuf.FieldMask" });
  }
  return {
    paths: json
      .split(",")
      .map((path) => path.trim())
      .filter((path) => path !== ""),
  };
}

function maskToJson(message: Fields): Json {
  return asArray(message["paths"]).join(",");
}

function structToWire(json: unknown, place: Place): Fields {
  if (!isRecord(json)) {
    throw invalidValue(json, { ...place, type: "google.protobuf.Struct" });
  }
  return { fields: each(json, valueToWire) };
}

function structToJson(message: Fields): { readonly [key: string]: Json } {
  return each(asFields(message["fields"]), valueToJson);
}

/** JSON as a google.protobuf.Value, which is what a Struct is made of. */
function valueToWire(json: unknown): Fields {
  const plain = PLAIN[typeof json];
  if (plain !== undefined) {
    return { [plain]: json };
  }
  if (Array.isArray(json)) {
    return { listValue: { values: json.map(valueToWire) } };
  }
  return isRecord(json) ? { structValue: { fields: each(json, valueToWire) } } : { nullValue: 0 };
}

/** The fields of a Value that are no messages. */
const PLAIN: Readonly<Record<string, string>> = {
  string: "stringValue",
  number: "numberValue",
  boolean: "boolValue",
};

function valueToJson(message: unknown): Json {
  const [kind, value] = Object.entries(asFields(message))[0] ?? [];
  switch (kind) {
    case undefined:
    case "nullValue":
      return null;
    case "structValue":
      return structToJson(asFields(value));
    case "listValue":
      return asArray(asFields(value)["values"]).map(valueToJson);
    default:
      return scalarToJson(value, "");
  }
}

function each<Value>(fields: Fields, convert: (value: unknown) => Value): Record<string, Value> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, convert(value)]));
}

function asFields(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
