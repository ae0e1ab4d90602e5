import { setTimeout as sleep } from "node:timers/promises";

import { TransientError } from "../ports/errors.ts";
import { duration } from "../domain/time.ts";
import { statusOf, toOutsideError } from "./google-errors.ts";
import { systemPatience } from "./system-patience.ts";

/** How long one attempt at a call may take, and how many attempts there are. */
export type CallLimits = { readonly timeoutMs: number; readonly attemptsMax: number };

/** For calls that answer at once. */
export const PROMPT_LIMITS: CallLimits = { timeoutMs: 10_000, attemptsMax: 3 };

/** For calls that start an operation and wait for it. */
export const OPERATION_LIMITS: CallLimits = { timeoutMs: 60_000, attemptsMax: 2 };

/** For calls that make something: a second attempt must look first whether the first one did. */
export const CREATION_LIMITS: CallLimits = { timeoutMs: 30_000, attemptsMax: 1 };

/** The wait before the second attempt; each further one is twice as long. */
const BACKOFF_FIRST_MS = 200;
const BACKOFF_MAX_MS = 5000;

const patience = systemPatience();

/**
 * Makes a call to the outside: with a deadline, and again after a wait when it failed in a way that may
 * pass. Only for calls that are harmless when made twice.
 * @throws TransientError or PermanentError whose message begins with `resource`.
 */
export async function callOutside<Value>(
  resource: string,
  act: () => Promise<Value>,
  limits: CallLimits = PROMPT_LIMITS,
): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await patience.within(duration(limits.timeoutMs), act);
    } catch (error) {
      const outside = toOutsideError(error, resource);
      if (attempt >= limits.attemptsMax || !(outside instanceof TransientError)) {
        throw outside;
      }
      await sleep(backoffMs(attempt));
    }
  }
}

/**
 * What a call to the outside gives, null when the outside has nothing under that name.
 * @throws TransientError or PermanentError of any other status.
 */
export async function nullWhenMissing<Value>(act: () => Promise<Value>): Promise<Value | null> {
  return nullWhen(["NOT_FOUND"], act);
}

/**
 * What a call to the outside gives, null when it is refused with one of those statuses.
 * @throws TransientError or PermanentError of any other status.
 */
export async function nullWhen<Value>(
  statuses: readonly string[],
  act: () => Promise<Value>,
): Promise<Value | null> {
  try {
    return await act();
  } catch (error) {
    if (statuses.includes(statusOf(error))) {
      return null;
    }
    throw error;
  }
}

/** Half of the wait is fixed and half random, so that callers who failed together do not return together. */
function backoffMs(attempt: number): number {
  const fullMs = Math.min(BACKOFF_FIRST_MS * 2 ** (attempt - 1), BACKOFF_MAX_MS);
  return (fullMs / 2) * (1 + Math.random());
}
