import type { Clock } from "../../emulators/kit/clock.ts";

/** A clock of emulators that stands still until it is advanced. */
export type ManualClock = Clock & {
  /**
   * Moves on by `byMs` and runs what falls due, in time order, one after the other, including what
   * is scheduled meanwhile. While a timer runs, `now()` is the timer's own time. A timer whose time
   * has passed already runs at the next advance, even of 0.
   */
  readonly advance: (byMs: number) => Promise<void>;
};

const START_MS = Date.parse("2026-11-20T10:00:00Z");

type Due = { readonly timeMs: number; readonly run: () => void | Promise<void> };

/** Starts at 2026-11-20T10:00:00Z unless told otherwise. */
export function manualClock(startMs: number = START_MS): ManualClock {
  let nowMs = startMs;
  const entries = new Set<Due>();
  function takeDue(untilMs: number): Due | undefined {
    const due = [...entries].filter(({ timeMs }) => timeMs <= untilMs);
    const [first] = due.toSorted((left, right) => left.timeMs - right.timeMs);
    return first !== undefined && entries.delete(first) ? first : undefined;
  }
  return {
    now: () => nowMs,
    at: (timeMs, run) => {
      const entry = { timeMs, run };
      entries.add(entry);
      return { cancel: () => void entries.delete(entry) };
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
