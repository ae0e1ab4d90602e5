import * as grpc from "@grpc/grpc-js";
import fc from "fast-check";
import protobuf from "protobufjs";
import { z } from "zod";
import { isRecord } from "../../emulators/kit/json.ts";
import type { Method, Route } from "../../emulators/kit/method.ts";
import { decodeMessage, encodeMessage, typeName } from "../../emulators/kit/proto-json.ts";
import { statusType } from "../../emulators/kit/protos.ts";

/** A request in the JSON form of its message. */
export type Request = Readonly<Record<string, unknown>>;

/** What a method answered: a message, or a google.rpc.Status. */
export type Answered = { readonly answer: unknown } | { readonly refusal: unknown };

/** Texts that a field of a name may have; undefined for any text. */
export type Texts = (field: string) => readonly string[] | undefined;

const ErrorAnswer = z.object({
  error: z.object({
    message: z.string(),
    status: z.string(),
    details: z.array(z.unknown()).default([]),
  }),
});

const DEPTH_MAX = 3;
const VARIABLE = /\{([^=}]+)(?:=[^}]*)?\}/gu;

/** Requests of a type: well formed, with a few fields each. */
export function arbitraryRequest(type: protobuf.Type, texts: Texts): fc.Arbitrary<Request> {
  return arbitraryMessage(type, texts, 0);
}

function arbitraryMessage(type: protobuf.Type, texts: Texts, depth: number): fc.Arbitrary<Request> {
  // One field of a oneof at most: which of several wins is not the same everywhere.
  const fields = type.fieldsArray.filter(
    (field) => field.partOf === null || field.partOf.fieldsArray[0] === field,
  );
  const entries = fields.map((field) => [field.name, arbitraryField(field, texts, depth)] as const);
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
}

function arbitraryField(field: protobuf.Field, texts: Texts, depth: number): fc.Arbitrary<unknown> {
  const one = arbitraryOne(field, texts, depth);
  if (field.map) {
    return fc.dictionary(fc.constantFrom("key", "goog", ""), one, { maxKeys: 2 });
  }
  return field.repeated ? fc.array(one, { maxLength: 2 }) : one;
}

function arbitraryOne(field: protobuf.Field, texts: Texts, depth: number): fc.Arbitrary<unknown> {
  const { resolvedType } = field.resolve();
  if (resolvedType instanceof protobuf.Type) {
    return arbitraryOfType(resolvedType, texts, depth);
  }
  return resolvedType instanceof protobuf.Enum
    ? fc.constantFrom(...Object.keys(resolvedType.values))
    : arbitraryScalar(field, texts);
}

function arbitraryOfType(type: protobuf.Type, texts: Texts, depth: number): fc.Arbitrary<unknown> {
  switch (typeName(type)) {
    case "google.protobuf.Timestamp":
      return fc.constantFrom("2026-11-20T10:00:00Z", "1970-01-01T00:00:00Z");
    case "google.protobuf.Duration":
      return fc.constantFrom("0s", "600s", "86400s", "-1s");
    case "google.protobuf.FieldMask":
      return fc.constantFrom("", "labels", "name", "labels,nonsense", "ackDeadlineSeconds");
    default:
      return depth >= DEPTH_MAX ? fc.constant({}) : arbitraryMessage(type, texts, depth + 1);
  }
}

function arbitraryScalar(field: protobuf.Field, texts: Texts): fc.Arbitrary<unknown> {
  const known = texts(field.name);
  switch (field.type) {
    case "string":
      return known === undefined ? fc.constantFrom("", "text", "ü") : fc.constantFrom(...known);
    case "bytes":
      return fc.constantFrom("", "aGk=");
    case "bool":
      return fc.boolean();
    case "int64":
    case "uint64":
      return fc.constantFrom("0", "1");
    default:
      return fc.constantFrom(0, 1, 10, 700);
  }
}

/** A request as it goes over HTTP. */
export type HttpRequest = {
  readonly verb: string;
  readonly target: string;
  readonly body: string | undefined;
};

/**
 * The HTTP request for a method's request, or null when its path or its query cannot be written: a variable that
 * is not set or not of the form that a path wants, a list of messages in the query.
 */
export function toHttp({ routes }: Method, request: Request): HttpRequest | null {
  return routes.map((route) => toHttpBy(route, request)).find((http) => http !== null) ?? null;
}

function toHttpBy({ rule, path: { pattern } }: Route, request: Request): HttpRequest | null {
  const { verb, body } = rule;
  const left: Record<string, unknown> = structuredClone(request);
  const path = rule.template.replaceAll(VARIABLE, (_piece, name: string) => {
    const value = takeOut(left, name.split("."));
    return typeof value === "string" ? encodeURI(value) : "";
  });
  const sent = body === "*" ? left : left[body];
  const inQuery = body === "*" ? [] : Object.entries(left).filter(([name]) => name !== body);
  const query = new URLSearchParams();
  if (!pattern.test(path) || !inQuery.every(([name, value]) => addToQuery(query, name, value))) {
    return null;
  }
  const text = body === "" || sent === undefined ? undefined : JSON.stringify(sent);
  return { verb, target: query.size === 0 ? path : `${path}?${query.toString()}`, body: text };
}

/** Adds a field as a query has it; false for one that it cannot hold. */
function addToQuery(query: URLSearchParams, name: string, value: unknown): boolean {
  if (isRecord(value)) {
    return Object.entries(value).every(([inner, one]) =>
      addToQuery(query, `${name}.${inner}`, one),
    );
  }
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    return false;
  }
  query.append(name, String(value));
  return true;
}

function takeOut(from: Record<string, unknown>, [name = "", ...rest]: readonly string[]): unknown {
  const value = from[name];
  if (rest.length > 0) {
    const inner: Record<string, unknown> = isRecord(value) ? { ...value } : {};
    const taken = takeOut(inner, rest);
    from[name] = inner;
    return taken;
  }
  delete from[name];
  return value;
}

/** Calls a method over HTTP. */
export async function callHttp(
  url: string,
  { verb, target, body }: HttpRequest,
): Promise<Answered> {
  const response = await fetch(`${url}${target}`, {
    method: verb,
    ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
  });
  const json: unknown = await response.json();
  if (response.ok) {
    return { answer: json };
  }
  const { error } = ErrorAnswer.parse(json);
  return { refusal: error };
}

/** Calls a method over gRPC. */
export async function callGrpc(
  client: grpc.Client,
  method: Method,
  request: Request,
): Promise<Answered> {
  const bytes = Buffer.from(encodeMessage(method.requestType, request));
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      `/${method.fullName}`,
      (buffer: Buffer) => buffer,
      (buffer: Buffer) => buffer,
      bytes,
      (error, answer) => {
        resolve(
          error === null
            ? { answer: decodeMessage(method.responseType, answer ?? Buffer.alloc(0)) }
            : { refusal: toRefusal(error) },
        );
      },
    );
  });
}

function toRefusal({ code, details: message, metadata }: grpc.ServiceError): unknown {
  const [binary] = metadata.get("grpc-status-details-bin");
  const full = binary instanceof Buffer ? decodeMessage(statusType(), binary) : {};
  return { message, status: grpc.status[code], details: full["details"] ?? [] };
}
