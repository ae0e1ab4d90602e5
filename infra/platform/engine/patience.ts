import { statusOf } from "../../../shared/adapters/google-errors.ts";
import { TransientError } from "../../../shared/ports/errors.ts";

/** How long a call that fails in a way that may pass is repeated: IAM takes minutes to be seen everywhere. */
export const PROPAGATION_WAIT_MS_MAX = 7 * 60_000;

const PAUSE_FIRST_MS = 2000;
const PAUSE_MS_MAX = 30_000;

/** What a wait needs from outside. */
export type Waiting = {
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** Says why nothing seems to happen. */
  readonly tell: (reason: string) => void;
};

/**
 * Does something, and again after a pause for as long as it fails in a way that may pass.
 * @throws what it failed with in the end.
 */
export async function patiently(waiting: Waiting, act: () => Promise<void>): Promise<void> {
  const since = waiting.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      await act();
      return;
    } catch (error) {
      const reason = passingReason(error);
      const pauseMs = Math.min(PAUSE_FIRST_MS * 2 ** (attempt - 1), PAUSE_MS_MAX);
      if (reason === null || waiting.now() + pauseMs - since > PROPAGATION_WAIT_MS_MAX) {
        throw error;
      }
      waiting.tell(reason);
      await waiting.pause(pauseMs);
    }
  }
}

/** What Google's APIs say of accounts and agents that they do not see yet. Only their words tell it apart. */
const NOT_SEEN_YET = [
  [/@[\w.-]*gserviceaccount\.com/, "a new account is not seen everywhere yet"],
  [/service (?:account|agent|identity)/i, "a new account is not seen everywhere yet"],
  [/has not been used in project|is disabled|SERVICE_DISABLED/i, "an API was just turned on"],
  [/first time using|Eventarc Service Agent/i, "Google prepares the project for functions"],
] as const;

const MAY_BE_UNSEEN: ReadonlySet<string> = new Set([
  "NOT_FOUND",
  "INVALID_ARGUMENT",
  "FAILED_PRECONDITION",
  "PERMISSION_DENIED",
]);

/**
 * Why a failure may pass by itself; null when it will not.
 * Source: https://cloud.google.com/iam/docs/access-change-propagation
 */
export function passingReason(error: unknown): string | null {
  if (error instanceof TransientError) {
    return `${error.status}: it is tried again`;
  }
  if (!MAY_BE_UNSEEN.has(statusOf(error)) || !(error instanceof Error)) {
    return null;
  }
  const found = NOT_SEEN_YET.find(([words]) => words.test(error.message));
  return found?.[1] ?? null;
}
