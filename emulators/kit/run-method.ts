import protobuf from "protobufjs";
import type { Call, Message } from "./call.ts";
import type { Clock } from "./clock.ts";
import { type FaultPlan, runWithFaults } from "./faults.ts";
import { badRequest, googleError, toGoogleError } from "./google-error.ts";
import type { Method } from "./method.ts";
import { identifyCaller, checkNeeds, type Guard } from "./access/guard.ts";
import type { Rules } from "./access/rules.ts";
import type { Pace } from "./pace.ts";
import type { Persistence } from "./persistence.ts";
import { decodeMessage, encodeMessage, findField, typeName } from "./proto-json.ts";

/** What every call of one server shares. */
export type Context = {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  /** Resolves when all that has changed is on disk; null when it is. */
  readonly saved: Persistence["saved"];
  /** Who may call, and what each method needs; without it everybody may call everything. */
  readonly guard?: (Guard & { readonly rules: Rules }) | undefined;
  /** Brings the state up to now, before an operation and after it. */
  readonly pace?: Pace | undefined;
};

/** What one call brings along. */
export type CallInput = {
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly connection: AbortSignal;
};

/**
 * Runs a unary method on an encoded request and returns the encoded answer, with the faults planned.
 * @throws GoogleError what the operation refuses, UNIMPLEMENTED when there is none, INTERNAL when its
 * answer is not of the method's type.
 */
export async function runUnary(
  { context, method }: { readonly context: Context; readonly method: Method },
  bytes: Uint8Array,
  input: CallInput,
): Promise<Uint8Array> {
  const callerOf = (): string | null => knownCaller(context, input);
  return runWithFaults({ ...context, method: method.fullName, callerOf }, async () => {
    const { unary } = method;
    if (unary === undefined) {
      throw unimplemented(method);
    }
    const request = decodeRequest(method, bytes);
    checkUpdateMask(method, request);
    const member = authorize({ context, method }, request, input);
    context.pace?.settle();
    const answer = await unary(request, toCall(context, method, { ...input, member }));
    context.pace?.advance();
    return encodeAnswer(method, answer);
  });
}

/**
 * Counts a streaming call and applies its fault before the first message; there is no whole answer that
 * could be lost or doubled, so such a fault drops the call here.
 * @throws GoogleError for a dropped or refused call.
 */
export async function startStream(context: Context, method: Method): Promise<void> {
  await runWithFaults({ ...context, method: method.fullName }, () => undefined);
}

/**
 * The encoded answers of a method that streams, to encoded requests of which each is checked for itself; `startStream`
 * comes before.
 * @throws GoogleError as `runUnary` does.
 */
export async function* runStream(
  { context, method }: { readonly context: Context; readonly method: Method },
  requests: AsyncIterable<Uint8Array>,
  input: CallInput,
): AsyncGenerator<Uint8Array> {
  if ((method.serverStream ?? method.bidi) === undefined) {
    throw unimplemented(method);
  }
  const { guard } = context;
  const member = guard === undefined ? null : identifyCaller(guard, input.headers);
  const call = toCall(context, method, { ...input, member });
  for await (const answer of toAnswers(
    method,
    eachAllowed({ context, method }, requests, input),
    call,
  )) {
    yield encodeAnswer(method, answer);
  }
}

async function* toAnswers(
  method: Method,
  requests: AsyncGenerator<Message>,
  call: Call,
): AsyncGenerator {
  const { serverStream, bidi } = method;
  if (bidi !== undefined) {
    yield* bidi(requests, call);
  } else if (serverStream !== undefined) {
    const request = await requests.next();
    yield* serverStream(request.done === true ? {} : request.value, call);
  }
}

async function* eachAllowed(
  called: { readonly context: Context; readonly method: Method },
  requests: AsyncIterable<Uint8Array>,
  input: CallInput,
): AsyncGenerator<Message, undefined> {
  for await (const bytes of requests) {
    const request = decodeRequest(called.method, bytes);
    authorize(called, request, input);
    yield request;
  }
}

/** The call that an operation is given. */
function toCall(context: Context, method: Method, input: CallInput & Pick<Call, "member">): Call {
  return { clock: context.clock, method: method.name, ...input };
}

/**
 * The request's JSON form.
 * @throws GoogleError INVALID_ARGUMENT for bytes that are no such message.
 */
function decodeRequest(method: Method, bytes: Uint8Array): Message {
  try {
    return decodeMessage(method.requestType, bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badRequest("", `The request is not a ${typeName(method.requestType)}: ${reason}`);
  }
}

/** Encodes what an operation answered; an answer of the wrong shape is a bug of the emulator. */
function encodeAnswer(method: Method, answer: unknown): Uint8Array {
  try {
    return encodeMessage(method.responseType, answer ?? {});
  } catch (error) {
    const { message } = toGoogleError(error);
    throw googleError("INTERNAL", `${method.fullName} answered with a wrong shape: ${message}`);
  }
}

/** The refusal of a method that the emulator does not have. */
function unimplemented(method: Method): Error {
  return googleError("UNIMPLEMENTED", `The emulator does not implement ${method.fullName}.`);
}

/**
 * Who calls, after it was checked that they may; null where callers are not checked.
 * @throws GoogleError UNAUTHENTICATED, PERMISSION_DENIED
 */
function authorize(
  { context: { guard }, method }: { readonly context: Context; readonly method: Method },
  request: Message,
  { headers }: CallInput,
): string | null {
  if (guard === undefined) {
    return null;
  }
  const member = identifyCaller(guard, headers);
  const rule = findRule(guard.rules, method.fullName);
  if (rule === undefined) {
    throw googleError("INTERNAL", `The emulator has no rule of access for ${method.fullName}.`);
  }
  checkNeeds(guard, { member, headers, needed: rule(request) });
  return member;
}

/** Who calls, without a judgement: null for nobody who is known. */
function knownCaller({ guard }: Context, { headers }: CallInput): string | null {
  try {
    return guard === undefined ? null : identifyCaller(guard, headers);
  } catch {
    return null;
  }
}

/** The methods that have an operation and no rule: nobody could call them. */
export function methodsWithoutRule(methods: readonly Method[], rules: Rules): readonly string[] {
  return methodsServed(methods).filter((fullName) => findRule(rules, fullName) === undefined);
}

/** The full names of the methods that have an operation. */
export function methodsServed(methods: readonly Method[]): readonly string[] {
  return methods
    .filter(({ unary, serverStream, bidi }) => (unary ?? serverStream ?? bidi) !== undefined)
    .map(({ fullName }) => fullName);
}

function findRule(rules: Rules, fullName: string): Rules[string] | undefined {
  const [service = "", name = ""] = fullName.slice(fullName.lastIndexOf(".") + 1).split("/");
  return Object.hasOwn(rules, `${service}/${name}`) ? rules[`${service}/${name}`] : rules[name];
}

/** Checks that every path of `update_mask` is a field of the resource that the request updates. */
function checkUpdateMask(method: Method, request: Message): void {
  const mask = request["updateMask"];
  const resource = resourceType(method);
  if (typeof mask !== "string" || resource === null) {
    return;
  }
  for (const path of mask.split(",")) {
    if (path !== "*" && !hasPath(resource, path.split("."))) {
      throw badRequest(
        "update_mask",
        `Invalid update_mask: "${path}" is no field of ${resource.name}`,
      );
    }
  }
}

function resourceType(method: Method): protobuf.Type | null {
  const body = method.routes[0]?.rule.body ?? "";
  const field = body === "*" ? undefined : findField(method.requestType, body);
  const type = field?.resolve().resolvedType;
  return type instanceof protobuf.Type ? type : null;
}

function hasPath(type: protobuf.Type, names: readonly string[]): boolean {
  const [name = "", ...rest] = names;
  const field = findField(type, name);
  if (field === undefined || rest.length === 0) {
    return field !== undefined;
  }
  const { resolvedType } = field.resolve();
  const isOpen =
    field.map || (resolvedType !== null && typeName(resolvedType) === "google.protobuf.Struct");
  return isOpen || (resolvedType instanceof protobuf.Type && hasPath(resolvedType, rest));
}
