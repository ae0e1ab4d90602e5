import type { Clock, Timer } from "./clock.ts";

/** What moves an emulator on with its clock. */
export type Pace = {
  /** Brings everything up to now. */
  readonly settle: () => void;
  /** Wakes up when something is due next. For whoever has changed something. */
  readonly changed: () => void;
  /** Both. */
  readonly advance: () => void;
  /** Wakes up no more. */
  readonly stop: () => void;
};

/** Lets what takes time end by itself: `settle` is called when `nextDueMs` says so, and whenever somebody looks. */
export function keepPace(
  clock: Clock,
  emulator: {
    readonly settle: (nowMs: number) => void;
    /** When something is due next; null when nothing is. */
    readonly nextDueMs: () => number | null;
  },
): Pace {
  let timer: Timer | undefined;
  function settle(): void {
    emulator.settle(clock.now());
  }
  function changed(): void {
    timer?.cancel();
    const dueMs = emulator.nextDueMs();
    timer = dueMs === null ? undefined : clock.at(dueMs, advance);
  }
  function advance(): void {
    settle();
    changed();
  }
  return { settle, changed, advance, stop: () => timer?.cancel() };
}
