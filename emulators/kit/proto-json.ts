import protobuf from "protobufjs";
import type { Shape } from "./http-request.ts";
import { isRecord, type Json, type JsonObject } from "./json.ts";
import { toSnakeCase } from "./field-names.ts";
import { alreadySet, invalidValue, notRepeating, type Place, unknownName } from "./payload.ts";
import { scalarToJson, scalarToWire } from "./proto-scalar.ts";
import { findType } from "./protos.ts";
import { WELL_KNOWN } from "./well-known.ts";

type Fields = Readonly<Record<string, unknown>>;

const ANY = "google.protobuf.Any";
const NULL_VALUE = "google.protobuf.NullValue";

/** What is asked of a schema for each value of each message is found once: a schema does not change. */
function once<Key extends protobuf.ReflectionObject, Value>(
  find: (key: Key) => Value,
): (key: Key) => Value {
  const found = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    let there = found.get(key);
    if (there === undefined) {
      there = { value: find(key) };
      found.set(key, there);
    }
    return there.value;
  };
}

const nameOf = once(({ fullName }: protobuf.ReflectionObject) => fullName.replace(/^\./, ""));
const snakeNameOf = once(({ name }: protobuf.ReflectionObject) => toSnakeCase(name));
const fieldsOf = once(
  ({ fieldsArray }: protobuf.Type): ReadonlyMap<string, protobuf.Field> =>
    new Map(
      fieldsArray.flatMap((field) => [[field.name, field] as const, [snakeNameOf(field), field]]),
    ),
);

/**
 * Encodes a message given in its JSON form. Fields may be in camelCase or snake_case, enums names or
 * numbers, 64-bit integers text or numbers; null and undefined are as good as absent.
 * Source: https://protobuf.dev/programming-guides/json/
 * @throws GoogleError INVALID_ARGUMENT naming the field that is unknown or has a wrong value.
 */
export function encodeMessage(type: protobuf.Type, json: unknown): Uint8Array {
  return type.encode(messageToWire(json, type, "")).finish();
}

/**
 * Decodes a message into its JSON form: camelCase, without fields that have their default value
 * (unless the field tracks presence), enums by name, times as RFC 3339, bytes as base64.
 */
export function decodeMessage(type: protobuf.Type, bytes: Uint8Array): JsonObject {
  return objectToJson(asFields(type.decode(bytes)), type);
}

/** A field of a type by its name in camelCase or snake_case. */
export function findField(type: protobuf.Type, name: string): protobuf.Field | undefined {
  return fieldsOf(type).get(name);
}

/** The fields of a type as a URL names them. */
export function shapeOf(type: protobuf.Type): Shape {
  return (asked) => {
    const field = findField(type, asked)?.resolve();
    if (field === undefined) {
      return undefined;
    }
    const { name, repeated: isList, resolvedType: inner } = field;
    const isTruth = field.type === "bool" || field.type.endsWith("google.protobuf.BoolValue");
    return {
      name,
      isList,
      type: isTruth ? "truth" : "text",
      inner: inner instanceof protobuf.Type && !isList ? shapeOf(inner) : null,
    };
  };
}

/** The full name of a type without the leading dot. */
export function typeName(type: protobuf.ReflectionObject): string {
  return nameOf(type);
}

function messageToWire(json: unknown, type: protobuf.Type, path: string): Fields {
  const name = typeName(type);
  const wellKnown = WELL_KNOWN[name];
  if (wellKnown !== undefined) {
    return wellKnown.toWire(json, { path, type: name });
  }
  if (!isRecord(json)) {
    throw invalidValue(json, { path, type: name });
  }
  return name === ANY ? anyToWire(json, type, path) : fieldsToWire(json, type, path);
}

function fieldsToWire(json: Fields, type: protobuf.Type, path: string): Fields {
  const message: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(json)) {
    const field = findField(type, name);
    if (field === undefined) {
      throw unknownName(name, path);
    }
    const isAbsent = value === undefined || (value === null && !isNull(field));
    if (!isAbsent) {
      checkOneof(field, { name, message, path });
      message[field.name] = fieldToWire(value, field, path);
    }
  }
  return message;
}

function checkOneof(
  { partOf }: protobuf.Field,
  set: { readonly name: string; readonly message: Fields; readonly path: string },
): void {
  if (partOf !== null && Object.keys(set.message).some((name) => partOf.oneof.includes(name))) {
    throw alreadySet(snakeNameOf(partOf), set.name, set.path);
  }
}

/** Whether null is a value of a field. */
function isNull(field: protobuf.Field): boolean {
  const { resolvedType } = field.resolve();
  return resolvedType !== null && typeName(resolvedType) === NULL_VALUE;
}

function fieldToWire(json: unknown, field: protobuf.Field, parent: string): unknown {
  const name = snakeNameOf(field);
  const path = parent === "" ? name : `${parent}.${name}`;
  if (field.map) {
    if (!isRecord(json)) {
      throw invalidValue(json, { path, type: "map" });
    }
    const entries = Object.entries(json).filter(([, value]) => value !== undefined);
    return Object.fromEntries(
      entries.map(([key, value], index) => [
        key,
        valueToWire(value, field, `${path}[${index}].value`),
      ]),
    );
  }
  if (field.repeated) {
    if (!Array.isArray(json)) {
      throw invalidValue(json, { path, type: "repeated" });
    }
    return json.map((value, index) => valueToWire(value, field, `${path}[${index}]`));
  }
  if (Array.isArray(json)) {
    throw notRepeating(name, parent);
  }
  return valueToWire(json, field, path);
}

function valueToWire(json: unknown, field: protobuf.Field, path: string): unknown {
  const { resolvedType } = field.resolve();
  if (resolvedType instanceof protobuf.Type) {
    return messageToWire(json, resolvedType, path);
  }
  if (resolvedType instanceof protobuf.Enum) {
    return enumToWire(json, resolvedType, { path, type: typeName(resolvedType) });
  }
  return scalarToWire(json, { path, type: field.type });
}

function enumToWire(json: unknown, type: protobuf.Enum, place: Place): number {
  if (place.type === NULL_VALUE) {
    return 0;
  }
  const value = typeof json === "string" ? (type.values[json] ?? toEnumNumber(json)) : json;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw invalidValue(json, place);
  }
  return value;
}

/** A query parameter gives an enum's number as text. */
function toEnumNumber(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function anyToWire(json: Fields, type: protobuf.Type, path: string): Fields {
  const url = json["@type"];
  if (typeof url !== "string") {
    throw invalidValue(json, { path: `${path}.@type`, type: "string" });
  }
  const { "@type": _url, ...fields } = json;
  const inner = findType(type.root, url.slice(url.lastIndexOf("/") + 1));
  if (inner === null) {
    return { type_url: url, value: scalarToWire(fields["value"] ?? "", { path, type: "bytes" }) };
  }
  const content = Object.hasOwn(WELL_KNOWN, typeName(inner)) ? fields["value"] : fields;
  return { type_url: url, value: inner.encode(messageToWire(content, inner, path)).finish() };
}

function messageToJson(message: Fields, type: protobuf.Type): Json {
  const name = typeName(type);
  const wellKnown = WELL_KNOWN[name];
  if (wellKnown !== undefined) {
    return wellKnown.toJson(message);
  }
  return name === ANY ? anyToJson(message, type) : objectToJson(message, type);
}

function objectToJson(message: Fields, type: protobuf.Type): JsonObject {
  const json: Record<string, Json> = {};
  for (const field of type.fieldsArray) {
    const value = message[field.name];
    if (Object.hasOwn(message, field.name) && isWorthWriting(value, field)) {
      json[field.name] = fieldToJson(value, field);
    }
  }
  return json;
}

/** Google's answers leave out what equals the default, except where being set means something. */
function isWorthWriting(value: unknown, field: protobuf.Field): boolean {
  if (field.repeated) {
    return Array.isArray(value) && value.length > 0;
  }
  if (field.map) {
    return Object.keys(asFields(value)).length > 0;
  }
  if (field.partOf !== null || field.options?.["proto3_optional"] === true) {
    return true;
  }
  if (field.resolve().resolvedType instanceof protobuf.Type) {
    return value !== null;
  }
  return value instanceof Uint8Array
    ? value.length > 0
    : !["0", "false", ""].includes(String(value));
}

function fieldToJson(value: unknown, field: protobuf.Field): Json {
  if (field.map) {
    const entries = Object.entries(asFields(value));
    return Object.fromEntries(entries.map(([key, one]) => [key, valueToJson(one, field)]));
  }
  return Array.isArray(value)
    ? value.map((one) => valueToJson(one, field))
    : valueToJson(value, field);
}

function valueToJson(value: unknown, field: protobuf.Field): Json {
  const { resolvedType } = field.resolve();
  if (resolvedType instanceof protobuf.Type) {
    return messageToJson(asFields(value), resolvedType);
  }
  if (resolvedType instanceof protobuf.Enum) {
    return enumToJson(Number(value), resolvedType);
  }
  return scalarToJson(value, field.type);
}

function enumToJson(value: number, type: protobuf.Enum): Json {
  if (typeName(type) === NULL_VALUE) {
    return null;
  }
  return type.valuesById[value] ?? value;
}

function anyToJson(message: Fields, type: protobuf.Type): JsonObject {
  const url = typeof message["type_url"] === "string" ? message["type_url"] : "";
  const value = message["value"] instanceof Uint8Array ? message["value"] : new Uint8Array();
  const inner = findType(type.root, url.slice(url.lastIndexOf("/") + 1));
  if (inner === null) {
    return { "@type": url, value: scalarToJson(value, "bytes") };
  }
  const content = messageToJson(asFields(inner.decode(value)), inner);
  return isRecord(content) && !Object.hasOwn(WELL_KNOWN, typeName(inner))
    ? { "@type": url, ...content }
    : { "@type": url, value: content };
}

function asFields(value: unknown): Fields {
  // A decoded message is an instance of protobufjs' Message; its own properties are its fields.
  return isRecord(value) ? value : {};
}
