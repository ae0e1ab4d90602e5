import { identifyCaller, checkNeeds, type Guard } from "./access/guard.ts";
import type { Call, Message } from "./call.ts";
import type { Clock } from "./clock.ts";
import { type FaultPlan, runWithFaults } from "./faults.ts";
import { googleError } from "./google-error.ts";
import type { Callable } from "./method.ts";
import type { Pace } from "./pace.ts";
import type { Persistence } from "./persistence.ts";

/** What every call of one server shares. */
export type Context = {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  /** Resolves when all that has changed is on disk; null when it is. */
  readonly saved: Persistence["saved"];
  /** Who may call; without it everybody may call everything. */
  readonly guard?: Guard | undefined;
  /** Brings the state up to now, before an operation and after it. */
  readonly pace?: Pace | undefined;
};

/** A method that is called, and where. */
export type Called = { readonly context: Context; readonly method: Callable };

/** What one call brings along. */
export type CallInput = Pick<Call, "headers" | "signal" | "connection">;

/**
 * Runs a unary method, with the faults planned.
 * @throws GoogleError what the operation refuses, UNIMPLEMENTED when there is none.
 */
export async function runUnary(
  called: Called,
  request: Message,
  input: CallInput,
): Promise<unknown> {
  const { context, method } = called;
  const callerOf = (): string | null => knownCaller(context, input);
  return runWithFaults({ ...context, method: method.fullName, callerOf }, async () => {
    const { unary } = method;
    if (unary === undefined) {
      throw unimplemented(method);
    }
    const member = authorize(called, request, input);
    context.pace?.settle();
    const answer = await unary(request, toCall(called, { ...input, member }));
    context.pace?.advance();
    return answer;
  });
}

/**
 * Counts a streaming call and applies its fault before the first message; there is no whole answer that
 * could be lost, so such a fault drops the call here.
 * @throws GoogleError for a dropped or refused call.
 */
export async function startStream({ context, method }: Called): Promise<void> {
  await runWithFaults({ ...context, method: method.fullName }, () => undefined);
}

/**
 * The answers of a method that streams, to requests of which each is checked for itself; `startStream` comes before.
 * @throws GoogleError as `runUnary` does.
 */
export async function* runStream(
  called: Called,
  requests: AsyncIterable<Message>,
  input: CallInput,
): AsyncGenerator {
  const { guard } = called.context;
  const { serverStream, bidi } = called.method;
  const member = guard === undefined ? null : identifyCaller(guard, input.headers);
  const call = toCall(called, { ...input, member });
  const allowed = eachAllowed(called, requests, input);
  if (bidi !== undefined) {
    yield* bidi(allowed, call);
  } else if (serverStream === undefined) {
    throw unimplemented(called.method);
  } else {
    const request = await allowed.next();
    yield* serverStream(request.done === true ? {} : request.value, call);
  }
}

async function* eachAllowed(
  called: Called,
  requests: AsyncIterable<Message>,
  input: CallInput,
): AsyncGenerator<Message, undefined> {
  for await (const request of requests) {
    authorize(called, request, input);
    yield request;
  }
}

/** The call that an operation is given. */
function toCall(
  { context: { clock }, method: { name } }: Called,
  input: CallInput & Pick<Call, "member">,
): Call {
  return { clock, method: name, ...input };
}

/** The refusal of a method that the emulator does not have. */
function unimplemented({ fullName }: Callable): Error {
  return googleError("UNIMPLEMENTED", `The emulator does not implement ${fullName}.`);
}

/**
 * Who calls, after it was checked that they may; null where callers are not checked.
 * @throws GoogleError UNAUTHENTICATED, PERMISSION_DENIED
 */
function authorize(
  { context: { guard }, method: { needs, fullName } }: Called,
  request: Message,
  { headers }: CallInput,
): string | null {
  if (guard === undefined) {
    return null;
  }
  const member = identifyCaller(guard, headers);
  if (needs === undefined) {
    throw googleError("INTERNAL", `The emulator has no rule of access for ${fullName}.`);
  }
  checkNeeds(guard, { member, headers, needed: needs(request) });
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
