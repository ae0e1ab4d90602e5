import { duration } from "../time.ts";
import type { Duration } from "../time.ts";

/**
 * What is kept of many lengths of time: their count, their sum, the longest and a rough distribution. It takes the same
 * room however many lengths there are, and two spreads can be added.
 */
export type Spread = {
  readonly count: number;
  readonly total: Duration;
  readonly longest: Duration;
  /** How many fall into each step, by the step's number. */
  readonly steps: Readonly<Record<string, number>>;
};

/**
 * Each step is a fifth longer than the step before, so a length that is read from the steps is at most a fifth too
 * long.
 */
const GROWTH = 1.2;

/** Shorter lengths, in milliseconds, are all in the first step. */
const SHORTEST = 1000;

/** No length has been seen yet. */
export const NO_SPREAD: Spread = {
  count: 0,
  total: duration(0),
  longest: duration(0),
  steps: {},
};

/** The spread with one more length. */
export function addLength(spread: Spread, length: Duration): Spread {
  const step = String(stepOf(length));
  return {
    count: spread.count + 1,
    total: duration(spread.total + length),
    longest: duration(Math.max(spread.longest, length)),
    steps: { ...spread.steps, [step]: (spread.steps[step] ?? 0) + 1 },
  };
}

/** The spread of all lengths of both. */
export function addSpreads(one: Spread, other: Spread): Spread {
  const steps = { ...one.steps };
  for (const [step, count] of Object.entries(other.steps)) {
    steps[step] = (steps[step] ?? 0) + count;
  }
  return {
    count: one.count + other.count,
    total: duration(one.total + other.total),
    longest: duration(Math.max(one.longest, other.longest)),
    steps,
  };
}

/** The mean, exactly; null of no length. */
export function meanOf({ count, total }: Spread): Duration | null {
  return count === 0 ? null : duration(Math.round(total / count));
}

/** The length that a share of all lengths does not exceed, rounded up to the end of its step; null of no length. */
export function shareOf(spread: Spread, share: number): Duration | null {
  const wanted = Math.max(1, Math.ceil(spread.count * share));
  let seen = 0;
  const ordered = Object.entries(spread.steps).toSorted(
    ([one], [other]) => Number(one) - Number(other),
  );
  for (const [step, count] of ordered) {
    seen += count;
    if (seen >= wanted) {
      return duration(Math.min(spread.longest, endOf(Number(step))));
    }
  }
  return null;
}

function stepOf(length: Duration): number {
  return length <= SHORTEST ? 0 : Math.ceil(Math.log(length / SHORTEST) / Math.log(GROWTH));
}

function endOf(step: number): number {
  return Math.round(SHORTEST * GROWTH ** step);
}
