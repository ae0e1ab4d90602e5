import { PermanentError, TransientError } from "../../shared/ports/errors.ts";

/** The process stopped in the middle: nobody is there to catch this but the test. */
export class ProcessStopped extends Error {
  override readonly name = "ProcessStopped";
}

/** How outside calls go wrong. Calls are numbered from 1 in the order in which they begin. */
export type FaultOptions = {
  /** The calls that fail, once each. */
  readonly failures?: ReadonlySet<number>;
  /** Whether a failing call fails before it acts or after, its answer lost. Default: before. */
  readonly mode?: "before" | "after";
  /** Whether a failing call may be tried again. Default: transient. */
  readonly failure?: "transient" | "permanent";
  /** The call at which the process stops, before or after it acts as `mode` says; none goes through until `restart`. */
  readonly stopAt?: number;
  /** Awaited before each call, and between what a transaction reads and what it writes, so that a scheduler can set the order. */
  readonly turn?: (call: string) => Promise<void>;
};

/** Every call to the outside passes through here. */
export type MemoryCalls = {
  /** Makes a call of that name: `port.method`. */
  readonly make: <Value>(call: string, act: () => Value | Promise<Value>) => Promise<Value>;
  /** Lets others go first. */
  readonly turn: (call: string) => Promise<void>;
  /** The names of all calls so far, in order. */
  readonly made: readonly string[];
  /** Calls that fail every time until they are taken out, by `port.method`. */
  readonly outages: Map<string, "transient" | "permanent">;
  /** Starts the stopped process again. */
  readonly restart: () => void;
};

/** Counts calls and lets them fail as the options say. */
export function memoryCalls(options: FaultOptions = {}): MemoryCalls {
  const made: string[] = [];
  const outages = new Map<string, "transient" | "permanent">();
  const turn = options.turn ?? (async () => {});
  const mode = options.mode ?? "before";
  let isStopped = false;

  function fail(call: string, count: number): void {
    if (count === options.stopAt) {
      isStopped = true;
      throw new ProcessStopped(`stopped ${mode} call ${count}, ${call}`);
    }
    if (options.failures?.has(count) === true) {
      throw outsideError(
        options.failure ?? "transient",
        `call ${count}, ${call}, fails ${mode} acting`,
      );
    }
  }

  async function make<Value>(call: string, act: () => Value | Promise<Value>): Promise<Value> {
    await turn(call);
    if (isStopped) {
      throw new ProcessStopped(`${call} after the process stopped`);
    }
    made.push(call);
    const count = made.length;
    const outage = outages.get(call);
    if (outage !== undefined) {
      throw outsideError(outage, `${call} is out of service`);
    }
    if (mode === "before") {
      fail(call, count);
    }
    const value = await act();
    if (mode === "after") {
      fail(call, count);
    }
    return value;
  }

  function restart(): void {
    isStopped = false;
  }
  return { make, turn, made, outages, restart };
}

function outsideError(kind: "transient" | "permanent", message: string): Error {
  return kind === "transient"
    ? new TransientError("UNAVAILABLE", message)
    : new PermanentError("PERMISSION_DENIED", message);
}
