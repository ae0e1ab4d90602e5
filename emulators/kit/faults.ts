import type { Clock } from "./clock.ts";
import { GoogleError, googleError, type StatusName } from "./google-error.ts";
import { occasions, type Planned } from "./occasions.ts";

/** What goes wrong with a call. */
export type FaultKind =
  /** The call is lost before anything happened. */
  | "drop-before"
  /** The call is done, but its answer is lost. */
  | "drop-after"
  /** The call is done later. */
  | "delay"
  /** The call is refused with `status` and nothing happens. */
  | "status";

/** One thing that goes wrong. */
export type Fault = {
  /** `CreateRelease`, `google.cloud.deploy.v1.CloudDeploy/CreateRelease`, or `*` for any. */
  readonly method: string;
  /** Which call it is at first, counted from now on; 1 is the next. */
  readonly call: number;
  /** After that each one (1, when left out), each second one (2), and so on. */
  readonly every?: number;
  /** How often in all; once when left out, null: until it is cleared. */
  readonly times?: number | null;
  /** Whose calls count, as a member of policies; everybody's when left out. Only where callers are checked. */
  readonly caller?: string;
  readonly kind: FaultKind;
  /** For the kind `status`; UNAVAILABLE when left out. */
  readonly status?: StatusName;
  /** For the kind `status`: the call is done all the same. */
  readonly isDone?: boolean;
  /** How long the call waits first, on the clock, whatever the kind. */
  readonly delayMs?: number;
};

/** What is to go wrong with an emulator's calls, and how often each method was called. */
export type FaultPlan = {
  readonly add: (fault: Fault) => void;
  /** What was planned and how often it happened, oldest first. */
  readonly list: () => readonly Planned<Fault>[];
  /** Forgets faults, all of them unless told which; the counts stay. Says how many that were. */
  readonly clear: (isMeant?: (fault: Fault) => boolean) => number;
  /** Makes methods known that can be called here, as `package.Service/Method`. For servers. */
  readonly declare: (methods: readonly string[]) => void;
  /** Every method that can be called here. */
  readonly methods: () => readonly string[];
  /** How often a method was called, faulty calls included. */
  readonly calls: (method: string) => number;
  /**
   * Counts one call of a method, given as `package.Service/Method`, and says what befalls it. `callerOf` is asked only
   * where it matters who calls. For servers.
   */
  readonly next: (method: string, callerOf?: () => string | null) => Fault | undefined;
};

/** Thrown for a call whose answer is lost: over gRPC UNAVAILABLE, over HTTP a closed connection. */
export class LostAnswerError extends GoogleError {
  constructor(method: string) {
    super("UNAVAILABLE", `The connection was lost during ${method}`, []);
  }
}

/** Stands for every method. */
export const ANY_METHOD = "*";

/** A plan in which nothing goes wrong yet. */
export function faultPlan(): FaultPlan {
  const counts = new Map<string, number>();
  const declared = new Set<string>();
  const planned = occasions<Fault>();
  return {
    add: (fault) => {
      const { call, every = 1, times = 1 } = fault;
      planned.add(fault, { first: call, every, times });
    },
    list: planned.list,
    clear: planned.clear,
    declare: (methods) => {
      methods.forEach((method) => declared.add(method));
    },
    methods: () => [...declared],
    calls: (method) =>
      [...counts].reduce((sum, [name, count]) => (isMeant(method, name) ? sum + count : sum), 0),
    next: (method, callerOf = () => null) => {
      counts.set(method, (counts.get(method) ?? 0) + 1);
      return planned.next(
        (fault) =>
          isMeant(fault.method, method) &&
          (fault.caller === undefined || fault.caller === callerOf()),
      );
    },
  };
}

/**
 * Runs one call of a method with whatever the plan has for it. An API that does not refuse as Google's do has `refuse`,
 * which answers a call that is refused; the fault's `delayMs` is then what it makes of it, and nobody waits.
 * @throws LostAnswerError for a dropped call, GoogleError for a refused one, and what `run` throws.
 */
export async function runWithFaults<T>(
  plan: {
    readonly faults: FaultPlan;
    readonly clock: Clock;
    readonly method: string;
    readonly callerOf?: () => string | null;
    readonly refuse?: (fault: Fault) => T;
  },
  run: () => T | Promise<T>,
): Promise<T> {
  const { clock, method, refuse } = plan;
  const fault = plan.faults.next(method, plan.callerOf);
  if (fault === undefined) {
    return run();
  }
  if (fault.kind !== "status" || refuse === undefined) {
    await delay(clock, fault);
  }
  if (fault.kind === "delay") {
    return run();
  }
  if (fault.kind === "drop-after" || fault.isDone === true) {
    await settle(run);
  }
  if (fault.kind !== "status") {
    throw new LostAnswerError(method);
  }
  if (refuse !== undefined) {
    return refuse(fault);
  }
  throw googleError(fault.status ?? "UNAVAILABLE", `A fault was planned for ${method}`);
}

/** Waits as long as a fault says, if it does. */
export async function delay(clock: Clock, { delayMs = 0 }: Pick<Fault, "delayMs">): Promise<void> {
  if (delayMs > 0) {
    await new Promise<void>((resolve) => {
      clock.at(clock.now() + delayMs, resolve);
    });
  }
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
  return wanted === ANY_METHOD || method === wanted || method.endsWith(`/${wanted}`);
}
