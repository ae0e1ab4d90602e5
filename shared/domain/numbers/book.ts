import type { Instant } from "../time.ts";
import { days, instant } from "../time.ts";
import { sizeOf } from "../size.ts";
import { NO_SPREAD } from "./spread.ts";
import type { Spread } from "./spread.ts";
import type { Tally } from "./tally.ts";

/** What must be remembered of an environment to count the next records. */
export type Standing = {
  /** The release that was deployed last. */
  readonly current: string | null;
  /** Since when the environment has been failing; null while it is well. */
  readonly failingSince: Instant | null;
  /** The release whose failure was counted last. */
  readonly failed: string | null;
  /** When the first incident opened since the last deployment; null once one has closed. */
  readonly incidentAt: Instant | null;
  /** When each promotion that waits was requested. */
  readonly waiting: Readonly<Record<string, Instant>>;
};

/** What was counted in one week. */
export type Week = {
  /** Weeks since the Monday before the epoch. */
  readonly week: number;
  /** By environment. */
  readonly tallies: Readonly<Record<string, Tally>>;
  /** From the registry's time of a push to the record of its release. */
  readonly detection: Spread;
};

/** A service's numbers: the weeks that are counted, and what must be remembered to go on counting. */
export type NumbersBook = {
  readonly standings: Readonly<Record<string, Standing>>;
  /** The last weeks in which anything was counted, the newest last. */
  readonly weeks: readonly Week[];
};

/** How many of the weeks in which anything was counted are kept: a quarter of a year. */
export const WEEKS_MAX = 13;

/** How large the weeks may be; the oldest ones go first. */
export const WEEKS_BYTES_MAX = 32 * 1024;

/** How many waiting promotions of an environment are remembered: more than its queue takes. */
export const WAITS_MAX = 30;

/** The book of a service of which nothing was counted yet. */
export const NEW_BOOK: NumbersBook = { standings: {}, weeks: [] };

/** An environment in which nothing has happened. */
export const NEW_STANDING: Standing = {
  current: null,
  failingSince: null,
  failed: null,
  incidentAt: null,
  waiting: {},
};

const WEEK = days(7);

/** The epoch was a Thursday: the Monday before it is three days earlier. */
const MONDAY = days(3);

/** The week of a moment, in UTC. */
export function weekOf(at: Instant): number {
  return Math.floor((at + MONDAY) / WEEK);
}

/** When a week begins: Monday, 00:00 UTC. */
export function startOfWeek(week: number): Instant {
  return instant(week * WEEK - MONDAY);
}

/** The book with a week changed; the oldest one goes when there are too many. */
export function inWeek(book: NumbersBook, at: Instant, change: (week: Week) => Week): NumbersBook {
  const number = weekOf(at);
  const known = book.weeks.find(({ week }) => week === number);
  const changed = change(known ?? { week: number, tallies: {}, detection: NO_SPREAD });
  const others = book.weeks.filter((week) => week !== known);
  const weeks = [...others, changed]
    .toSorted((one, other) => one.week - other.week)
    .slice(-WEEKS_MAX);
  return { ...book, weeks: withinSize(weeks) };
}

function withinSize(weeks: readonly Week[]): readonly Week[] {
  let kept = weeks;
  while (kept.length > 1 && sizeOf(kept) > WEEKS_BYTES_MAX) {
    kept = kept.slice(1);
  }
  return kept;
}
