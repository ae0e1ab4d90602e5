/** Something that is due later. Cancelling it twice, or after it ran, does nothing. */
export type Timer = { readonly cancel: () => void };

/** The only source of time in an emulator. */
export type Clock = {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs something at a time, in milliseconds since the epoch; at once if that has passed. */
  readonly at: (timeMs: number, run: () => void | Promise<void>) => Timer;
};

/** Where a clock stands: so far ahead of the machine's, or still at a moment. */
export type ClockPlace = {
  readonly offsetMs: number;
  /** Milliseconds since the epoch; null: it runs. */
  readonly frozenMs: number | null;
};

/** The machine's clock, until it is moved ahead or stopped. Its timers do not keep the process alive; servers do. */
export type MovableClock = Clock & {
  readonly place: () => ClockPlace;
  /** Moves on by `byMs` at once, and runs what is due then, in the order of its times, one after the other. */
  readonly advance: (byMs: number) => Promise<void>;
  /** Stops at the present moment. Nothing falls due until it is moved, or runs again. */
  readonly freeze: () => void;
  /** Goes on from where it stopped. */
  readonly run: () => void;
};

/** Node fires a timer at once when its delay does not fit 32 bits, so long waits are cut. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** How many timers run in one move: one that always begins another would keep it for ever. The others run after it. */
const TIMERS_MAX = 100_000;

type Due = { readonly timeMs: number; readonly run: () => void | Promise<void> };

type Entry = Due & { timeout: NodeJS.Timeout | undefined };

/** The machine's clock. Its timers do not keep the process alive; servers do. */
export function realClock(): Clock {
  return movableClock();
}

/** A clock that stands where it is said, or with the machine's. `onMove` is told of each place before anybody can see it. */
export function movableClock(
  start: ClockPlace = { offsetMs: 0, frozenMs: null },
  onMove: (place: ClockPlace) => void = () => undefined,
): MovableClock {
  const kept = { place: start };
  const now = (): number => kept.place.frozenMs ?? Date.now() + kept.place.offsetMs;
  const timers = timersOn(() => ({ nowMs: now(), isFrozen: kept.place.frozenMs !== null }));
  function move(place: ClockPlace): void {
    onMove(place);
    kept.place = place;
    timers.armAll();
  }
  return {
    now,
    at: timers.at,
    place: () => kept.place,
    advance: async (byMs) => {
      const { offsetMs, frozenMs } = kept.place;
      move({ offsetMs: offsetMs + byMs, frozenMs: frozenMs === null ? null : frozenMs + byMs });
      await timers.runDue();
    },
    freeze: () => {
      if (kept.place.frozenMs === null) {
        move({ ...kept.place, frozenMs: now() });
      }
    },
    run: () => {
      const { frozenMs } = kept.place;
      if (frozenMs !== null) {
        move({ offsetMs: frozenMs - Date.now(), frozenMs: null });
      }
    },
  };
}

type Timers = Pick<Clock, "at"> & {
  /** Waits anew for each, when the time was moved. */
  readonly armAll: () => void;
  /** Runs what is due, the earliest first, and waits for each. */
  readonly runDue: () => Promise<void>;
};

/** Timers of a time that may jump and stand still. */
function timersOn(time: () => { readonly nowMs: number; readonly isFrozen: boolean }): Timers {
  const entries = new Set<Entry>();
  function take(entry: Entry): boolean {
    clearTimeout(entry.timeout);
    return entries.delete(entry);
  }
  function arm(entry: Entry): void {
    clearTimeout(entry.timeout);
    const { nowMs, isFrozen } = time();
    const waitMs = entry.timeMs - nowMs;
    if (waitMs <= 0 || !isFrozen) {
      // What is cut, or comes a millisecond early as Node's timers may, waits once more.
      const look = (): void => (entry.timeMs > time().nowMs ? arm(entry) : void fire(entry));
      entry.timeout = setTimeout(look, Math.min(Math.max(0, waitMs), DELAY_MAX_MS));
      entry.timeout.unref();
    }
  }
  async function fire(entry: Entry): Promise<void> {
    if (take(entry)) {
      await entry.run();
    }
  }
  return {
    at: (timeMs, run) => {
      const entry: Entry = { timeMs, run, timeout: undefined };
      entries.add(entry);
      arm(entry);
      return { cancel: () => void take(entry) };
    },
    armAll: () => entries.forEach(arm),
    runDue: async () => {
      for (let ran = 0; ran < TIMERS_MAX; ran += 1) {
        const due = firstDue(entries, time().nowMs);
        if (due === undefined) {
          return;
        }
        await fire(due);
      }
    },
  };
}

/** Of those that are due the earliest, and of those of one time the one that came first. */
function firstDue<Of extends Due>(entries: ReadonlySet<Of>, nowMs: number): Of | undefined {
  let first: Of | undefined;
  for (const entry of entries) {
    if (entry.timeMs <= nowMs && (first === undefined || entry.timeMs < first.timeMs)) {
      first = entry;
    }
  }
  return first;
}

/** A time as Google's JSON has it: RFC 3339, in UTC, with as few digits of a second as it takes. */
export function toTimestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/, "Z");
}
