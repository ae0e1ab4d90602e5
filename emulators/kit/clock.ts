/** Something that is due later. Cancelling it twice, or after it ran, does nothing. */
export type Timer = { readonly cancel: () => void };

/** The only source of time in an emulator. */
export type Clock = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs something at a time, in milliseconds since the epoch; at once if that has passed. */
  readonly at: (timeMs: number, run: () => void | Promise<void>) => Timer;
};

/** A clock that stands still until it is advanced. */
export type ManualClock = Clock & {
  /**
   * Moves on by `byMs` and runs what falls due, in time order, one after the other, including what
   * is scheduled meanwhile. While a timer runs, `now()` is the timer's own time. A timer whose time
   * has passed already runs at the next advance, even of 0.
   */
  readonly advance: (byMs: number) => Promise<void>;
};

type Scheduled = { readonly timeMs: number; readonly run: () => void | Promise<void> };

/** Node fires a timer at once when its delay does not fit 32 bits, so long waits are cut. */
const DELAY_MAX_MS = 2 ** 31 - 1;

const START_MS = Date.parse("2026-11-20T10:00:00Z");

/** The machine's clock. Its timers do not keep the process alive; servers do. */
export function realClock(): Clock {
  return {
    now: () => Date.now(),
    at: (timeMs, run) => {
      let timeout: NodeJS.Timeout;
      function arm(): void {
        const delayMs = Math.max(0, timeMs - Date.now());
        timeout = setTimeout(
          () => (delayMs > DELAY_MAX_MS ? arm() : void run()),
          Math.min(delayMs, DELAY_MAX_MS),
        );
        timeout.unref();
      }
      arm();
      return { cancel: () => clearTimeout(timeout) };
    },
  };
}

/** A clock for tests; it starts at 2026-11-20T10:00:00Z unless told otherwise. */
export function manualClock(startMs: number = START_MS): ManualClock {
  let nowMs = startMs;
  const scheduled = new Set<Scheduled>();
  function takeDue(untilMs: number): Scheduled | undefined {
    let first: Scheduled | undefined;
    for (const candidate of scheduled) {
      if (candidate.timeMs <= untilMs && (first === undefined || candidate.timeMs < first.timeMs)) {
        first = candidate;
      }
    }
    if (first !== undefined) {
      scheduled.delete(first);
    }
    return first;
  }
  return {
    now: () => nowMs,
    at: (timeMs, run) => {
      const entry = { timeMs, run };
      scheduled.add(entry);
      return { cancel: () => void scheduled.delete(entry) };
    },
    advance: async (byMs) => {
      const untilMs = nowMs + byMs;
      for (let due = takeDue(untilMs); due !== undefined; due = takeDue(untilMs)) {
        nowMs = Math.max(nowMs, due.timeMs);
        await due.run();
      }
      nowMs = Math.max(nowMs, untilMs);
    },
  };
}

/** A time as Google's JSON has it: RFC 3339, in UTC, with as few digits of a second as it takes. */
export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/, "Z");
}
