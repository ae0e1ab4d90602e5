import * as grpc from "@grpc/grpc-js";
import fc from "fast-check";
import protobuf from "protobufjs";
import { z } from "zod";
import { httpStatus, isStatusName } from "../../emulators/kit/google-error.ts";
import { isRecord } from "../../emulators/kit/json.ts";
import type { Route } from "../../emulators/kit/http-rule.ts";
import type { Method } from "../../emulators/kit/method.ts";
import { decodeMessage, encodeMessage, typeName } from "../../emulators/kit/proto-json.ts";
import { statusType } from "../../emulators/kit/protos.ts";

/** A request in the JSON form of its message. */
export type Request = Readonly<Record<string, unknown>>;

/** A refusal, as far as both ways of asking tell of it. */
export type Refusal = {
  readonly http: number;
  readonly message: string;
  /** Null in the older form of Cloud SQL, which has a reason. */
  readonly status: string | null;
  readonly details: readonly unknown[];
};

/** What a method answered. */
export type Answered = { readonly answer: unknown } | { readonly refusal: Refusal };

/** Texts that a field of a name may have; undefined for any text. */
export type Texts = (field: string) => readonly string[] | undefined;

const ErrorAnswer = z.object({
  error: z.object({
    code: z.number(),
    message: z.string(),
    status: z.string().optional(),
    details: z.array(z.unknown()).default([]),
    errors: z.array(z.object({ reason: z.string() })).default([]),
  }),
});

const DEPTH_MAX = 2;
const VARIABLE = /\{([^=}]+)(?:=[^}]*)?\}/gu;

/** Requests of a method: well formed, with whatever has texts, such as what its path names, and a few fields more. */
export function arbitraryRequest(method: Method, texts: Texts): fc.Arbitrary<Request> {
  const [route] = method.routes;
  const inPath = new Set(
    route?.path.variables.map(({ path }) => toCamelCase(path.split(".")[0] ?? "")),
  );
  const isServed = (method.unary ?? method.serverStream) !== undefined;
  const fields = fieldsOf(method.requestType);
  const named = fields
    .map(({ name }) => name)
    .filter((name) => inPath.has(name) || texts(name) !== undefined);
  const tried = isServed ? fields : fields.filter(({ name }) => named.includes(name));
  return arbitraryFields(tried, { texts, depth: 0, named });
}

/** One field of a oneof at most: which of several wins is not the same everywhere. */
function fieldsOf(type: protobuf.Type): readonly protobuf.Field[] {
  return type.fieldsArray.filter(
    (field) => field.partOf === null || field.partOf.fieldsArray[0] === field,
  );
}

function arbitraryFields(
  fields: readonly protobuf.Field[],
  {
    texts,
    depth,
    named,
  }: { readonly texts: Texts; readonly depth: number; readonly named: readonly string[] },
): fc.Arbitrary<Request> {
  const entries = fields.map((field) => [field.name, arbitraryField(field, texts, depth)] as const);
  return fc.record(Object.fromEntries(entries), { requiredKeys: [...named] });
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
    case "google.protobuf.Any":
      return fc.constant({ "@type": "type.googleapis.com/google.protobuf.Duration", value: "2s" });
    case "google.protobuf.Struct":
      return fc.constantFrom({}, { key: [1, null, { inner: "text" }] });
    case "google.protobuf.Value":
      return fc.constantFrom("text", 1, null, [], {});
    case "google.protobuf.ListValue":
      return fc.constantFrom([], ["text", 1]);
    case "google.protobuf.BoolValue":
      return fc.boolean();
    case "google.protobuf.StringValue":
      return fc.constantFrom("", "text");
    case "google.protobuf.Int32Value":
    case "google.protobuf.Int64Value":
    case "google.protobuf.DoubleValue":
      return fc.constantFrom(0, 1, 10);
    default:
      return depth >= DEPTH_MAX
        ? fc.constant({})
        : arbitraryFields(fieldsOf(type), { texts, depth: depth + 1, named: [] });
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
  const { verb } = rule;
  const body = toCamelCase(rule.body);
  const left: Record<string, unknown> = structuredClone(request);
  const path = rule.template.replaceAll(VARIABLE, (piece, name: string) => {
    const value = takeOut(left, toCamelCase(name).split("."));
    const encode = piece.includes("/") ? encodeURI : encodeURIComponent;
    return typeof value === "string" ? encode(value) : "";
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

/** Annotations have a field's name as the proto has it. */
export function toCamelCase(name: string): string {
  return name.replaceAll(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase());
}

/** Adds a field as a query has it; false for one that it cannot hold. */
function addToQuery(query: URLSearchParams, name: string, value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.every((one) => !isRecord(one) && addToQuery(query, name, one));
  }
  if (isRecord(value)) {
    const before = query.size;
    const isAdded = Object.entries(value).every(([inner, one]) =>
      addToQuery(query, `${name}.${inner}`, one),
    );
    // A message that is there and empty is nothing that a query can say.
    return isAdded && query.size > before;
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
  const { code, message, status = null, details, errors } = ErrorAnswer.parse(json).error;
  const told = status === null ? errors.map(({ reason }) => ({ reason })) : details;
  return { refusal: { http: code, message, status, details: told } };
}

/** Calls a method over gRPC; what a stream gives is an array, as over HTTP. */
export async function callGrpc(
  client: grpc.Client,
  method: Method,
  request: Request,
): Promise<Answered> {
  const bytes = Buffer.from(encodeMessage(method.requestType, request));
  const call = client.makeServerStreamRequest(`/${method.fullName}`, asIs, asIs, bytes);
  const answers: unknown[] = [];
  return new Promise((resolve) => {
    call.on("data", (answer: Buffer) => answers.push(decodeMessage(method.responseType, answer)));
    call.on("error", (error: grpc.ServiceError) => resolve({ refusal: toRefusal(error) }));
    call.on("end", () => resolve({ answer: method.isResponseStream ? answers : answers[0] }));
  });
}

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

function toRefusal({ code, details: message, metadata }: grpc.ServiceError): Refusal {
  const [binary] = metadata.get("grpc-status-details-bin");
  const full = binary instanceof Buffer ? decodeMessage(statusType(), binary) : {};
  const status = grpc.status[code] ?? "";
  const http = isStatusName(status) ? httpStatus(status) : 0;
  const details: readonly unknown[] = Array.isArray(full["details"]) ? full["details"] : [];
  return { http, message, status, details };
}

/** A refusal of Cloud SQL in its older form: the reason instead of a status. Settings of another version are a 412. */
export function toOlder({ http, message, details }: Refusal): Refusal {
  const reasons = details.flatMap((one) => (isRecord(one) ? [one["reason"]] : []));
  return {
    http: reasons.includes("staleData") ? 412 : http,
    message,
    status: null,
    details: reasons.map((reason) => ({ reason })),
  };
}
