import type { Clock } from "../kit/clock.ts";

/** Gives out the times of commits and reads, in microseconds since the epoch. */
export type Timeline = {
  /** A time later than every commit and read before. */
  readonly commitTime: () => number;
  /** A time not before any commit so far; every later commit is later than it. */
  readonly readTime: () => number;
};

/** A timeline that follows a clock, and stays strictly ahead of itself while the clock stands still. */
export function timelineFrom(clock: Clock, startMicros: number): Timeline {
  let last = startMicros;
  return {
    commitTime: () => {
      last = Math.max(clock.now() * 1000, last + 1);
      return last;
    },
    readTime: () => {
      last = Math.max(clock.now() * 1000, last);
      return last;
    },
  };
}
