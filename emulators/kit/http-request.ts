import { parseJson } from "./body.ts";
import { isSystemParameter } from "./field-names.ts";
import { badRequest } from "./google-error.ts";
import type { HttpRule } from "./http-rule.ts";
import { isRecord } from "./json.ts";
import { unknownParameter } from "./payload.ts";

/** What an HTTP request carries for a method. */
export type HttpInput = {
  readonly rule: HttpRule;
  readonly variables: readonly { readonly path: string; readonly value: string }[];
  readonly query: URLSearchParams;
  /** The body's text; empty when there is none. */
  readonly body: string;
  /** The name under which the caller asks. */
  readonly host: string;
};

/** The fields of a message by their names in camelCase or snake_case, as far as a URL has to do with them. */
export type Shape = (name: string) => Field | undefined;

/** A field of a message. */
export type Field = {
  /** In camelCase. */
  readonly name: string;
  readonly isList: boolean;
  /** What a text of a URL stands for; a number may stay text where JSON's numbers may be quoted. */
  readonly type: "text" | "number" | "truth";
  /** The fields within it, where it is one message. */
  readonly inner: Shape | null;
};

type Fields = Record<string, unknown>;

/**
 * Puts the JSON form of a method's request together from the path, the query and the body.
 * @throws GoogleError INVALID_ARGUMENT for a body that is not JSON or nested too deep, and a parameter that is no field.
 */
export function toRequestJson(shape: Shape, input: HttpInput): Fields {
  const request = readBody(shape, input);
  for (const [parameter, value] of input.query) {
    const names = parameter.split(".");
    if (shape(names[0] ?? "") !== undefined || !isSystemParameter(parameter)) {
      setField(request, { shape, names, value, isRepeatable: true });
    }
  }
  for (const { path, value } of input.variables) {
    setField(request, { shape, names: path.split("."), value, isRepeatable: false });
  }
  return request;
}

/** Under names in camelCase, so that a field of the path or the query meets the same field of the body. */
function readBody(shape: Shape, { rule, body }: HttpInput): Fields {
  if (rule.body === "" || body.trim() === "") {
    return {};
  }
  const json = parseJson(body);
  if (rule.body !== "*") {
    return { [shape(rule.body)?.name ?? rule.body]: json };
  }
  if (!isRecord(json)) {
    throw badRequest("", "Invalid JSON payload received. The body must be an object.");
  }
  const entries = Object.entries(json);
  return Object.fromEntries(entries.map(([name, value]) => [shape(name)?.name ?? name, value]));
}

type Setting = {
  readonly shape: Shape;
  readonly names: readonly string[];
  readonly value: string;
  readonly isRepeatable: boolean;
};

function setField(target: Fields, { shape, names, value, isRepeatable }: Setting): void {
  const [name = "", ...rest] = names;
  const field = shape(name);
  if (field === undefined) {
    throw unknownParameter(name);
  }
  const before = target[field.name];
  if (rest.length > 0 && field.inner !== null) {
    const inner: Fields = isRecord(before) ? { ...before } : {};
    setField(inner, { shape: field.inner, names: rest, value, isRepeatable });
    target[field.name] = inner;
    return;
  }
  const others: readonly unknown[] = Array.isArray(before) ? before : [];
  const json = toJson(field, value);
  target[field.name] = field.isList && isRepeatable ? [...others, json] : json;
}

function toJson({ type }: Field, text: string): string | number | boolean {
  // gcloud writes True and False.
  if (type === "truth" && /^(?:true|false)$/i.test(text)) {
    return text.toLowerCase() === "true";
  }
  return type === "number" && /^-?\d+$/.test(text) ? Number(text) : text;
}
