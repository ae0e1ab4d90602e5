import type { Clock } from "./clock.ts";
import { GoogleError, googleError, type StatusName } from "./google-error.ts";

/** What goes wrong with a call. */
export type FaultKind =
  /** The call is lost before anything happened. */
  | "drop-before"
  /** The call is done, but its answer is lost. */
  | "drop-after"
  /** The call is done `delayMs` later, on the clock. */
  | "delay"
  /** The call is done twice, as if it had been sent twice; the second answer is given. */
  | "duplicate"
  /** The call is refused with `status` and nothing happens. */
  | "status";

/** One thing that goes wrong once. */
export type Fault = {
  /** `CreateRelease`, or `google.cloud.deploy.v1.CloudDeploy/CreateRelease`. */
  readonly method: string;
  /** Which call it is, counted from now on; 1 is the next. */
  readonly call: number;
  readonly kind: FaultKind;
  /** For the kind `status`; UNAVAILABLE when left out. */
  readonly status?: StatusName;
  /** For the kind `delay`. */
  readonly delayMs?: number;
};

/** What is to go wrong with an emulator's calls, and how often each method was called. */
export type FaultPlan = {
  readonly add: (fault: Fault) => void;
  /** Forgets the faults; the counts stay. */
  readonly clear: () => void;
  /** How often a method was called, faulty calls included. */
  readonly calls: (method: string) => number;
  /** Counts one call of a method, given as `package.Service/Method`, and says what befalls it. For servers. */
  readonly next: (method: string) => Fault | undefined;
};

/** Thrown for a call whose answer is lost: over gRPC UNAVAILABLE, over HTTP a closed connection. */
export class LostAnswerError extends GoogleError {
  constructor(method: string) {
    super("UNAVAILABLE", `The connection was lost during ${method}`, []);
  }
}

/** A plan in which nothing goes wrong yet. */
export function faultPlan(): FaultPlan {
  const counts = new Map<string, number>();
  let faults: readonly { readonly fault: Fault; readonly remaining: number }[] = [];
  return {
    add: (fault) => {
      faults = [...faults, { fault, remaining: fault.call }];
    },
    clear: () => {
      faults = [];
    },
    calls: (method) =>
      [...counts].reduce((sum, [name, count]) => (isMeant(method, name) ? sum + count : sum), 0),
    next: (method) => {
      counts.set(method, (counts.get(method) ?? 0) + 1);
      const counted = faults.map(({ fault, remaining }) => ({
        fault,
        remaining: isMeant(fault.method, method) ? remaining - 1 : remaining,
      }));
      const due = counted.find(({ remaining }) => remaining <= 0);
      faults = counted.filter(({ remaining }) => remaining > 0);
      return due?.fault;
    },
  };
}

/**
 * Runs one call of a method with whatever the plan has for it.
 * @throws LostAnswerError for a dropped call, GoogleError for a refused one, and what `run` throws.
 */
export async function runWithFaults<T>(
  plan: { readonly faults: FaultPlan; readonly clock: Clock; readonly method: string },
  run: () => T | Promise<T>,
): Promise<T> {
  const { clock, method } = plan;
  const fault = plan.faults.next(method);
  switch (fault?.kind) {
    case undefined:
      return run();
    case "drop-before":
      throw new LostAnswerError(method);
    case "drop-after":
      return loseAnswer(method, run);
    case "delay":
      await new Promise<void>((resolve) => {
        clock.at(clock.now() + (fault.delayMs ?? 0), resolve);
      });
      return run();
    case "duplicate":
      await settle(run);
      return run();
    case "status":
      throw googleError(fault.status ?? "UNAVAILABLE", `A fault was planned for ${method}`);
  }
}

async function loseAnswer(method: string, run: () => unknown): Promise<never> {
  await settle(run);
  throw new LostAnswerError(method);
}

/** Runs to the end and lets nobody know how it went, which is what losing an answer means. */
async function settle(run: () => unknown): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof GoogleError)) {
      throw error;
    }
  }
}

function isMeant(wanted: string, method: string): boolean {
  return method === wanted || method.endsWith(`/${wanted}`);
}
