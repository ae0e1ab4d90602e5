import protobuf from "protobufjs";
import { parseJson } from "./body.ts";
import { badRequest } from "./google-error.ts";
import type { HttpRule } from "./http-rule.ts";
import { isRecord, type Json } from "./json.ts";
import { isSystemParameter } from "./field-names.ts";
import { unknownParameter } from "./payload.ts";
import { findField } from "./proto-json.ts";

type Fields = Record<string, unknown>;

/** What an HTTP request carries for a method. */
export type HttpInput = {
  readonly rule: HttpRule;
  readonly variables: readonly { readonly path: string; readonly value: string }[];
  readonly query: URLSearchParams;
  /** The body's text; empty when there is none. */
  readonly body: string;
};

/**
 * Puts the JSON form of a method's request together from the path, the query and the body.
 * @throws GoogleError INVALID_ARGUMENT for a body that is not JSON or nested too deep, and a parameter that is no field.
 */
export function toRequestJson(type: protobuf.Type, input: HttpInput): Fields {
  const request = readBody(type, input);
  for (const [name, value] of input.query) {
    const isField = findField(type, name.split(".")[0] ?? "") !== undefined;
    if (isField || !isSystemParameter(name)) {
      setField(request, { type, names: name.split("."), value, isRepeatable: true });
    }
  }
  for (const { path, value } of input.variables) {
    setField(request, { type, names: path.split("."), value, isRepeatable: false });
  }
  return request;
}

function readBody(type: protobuf.Type, { rule, body }: HttpInput): Fields {
  if (rule.body === "" || body.trim() === "") {
    return {};
  }
  const json = parseJson(body);
  if (rule.body !== "*") {
    return { [findField(type, rule.body)?.name ?? rule.body]: json };
  }
  if (!isRecord(json)) {
    throw badRequest("", "Invalid JSON payload received. The body must be an object.");
  }
  return toCamelCase(type, json);
}

/** So that a field of the path or the query meets the same field of the body under one name. */
function toCamelCase(type: protobuf.Type, json: Readonly<Record<string, unknown>>): Fields {
  const entries = Object.entries(json);
  return Object.fromEntries(
    entries.map(([name, value]) => [findField(type, name)?.name ?? name, value]),
  );
}

type Setting = {
  readonly type: protobuf.Type;
  readonly names: readonly string[];
  readonly value: string;
  readonly isRepeatable: boolean;
};

function setField(target: Fields, { type, names, value, isRepeatable }: Setting): void {
  const [name = "", ...rest] = names;
  const field = findField(type, name);
  if (field === undefined) {
    throw unknownParameter(name);
  }
  const { resolvedType } = field.resolve();
  if (rest.length > 0 && resolvedType instanceof protobuf.Type && !field.repeated) {
    const before = target[field.name];
    const inner: Fields = isRecord(before) ? { ...before } : {};
    setField(inner, { type: resolvedType, names: rest, value, isRepeatable });
    target[field.name] = inner;
    return;
  }
  const json = textToJson(field, value);
  const before: unknown = target[field.name];
  const others: readonly unknown[] = Array.isArray(before) ? before : [];
  target[field.name] = field.repeated && isRepeatable ? [...others, json] : json;
}

/** Text from a URL; numbers may stay text, since JSON's numbers may be quoted. */
function textToJson(field: protobuf.Field, value: string): Json {
  const isTruth = field.type === "bool" || field.type.endsWith("google.protobuf.BoolValue");
  // gcloud writes True and False.
  if (isTruth && /^(?:true|false)$/i.test(value)) {
    return value.toLowerCase() === "true";
  }
  return value;
}
