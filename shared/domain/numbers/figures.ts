import type { Service } from "../service.ts";
import type { Duration, Instant } from "../time.ts";
import { startOfWeek, weekOf } from "./book.ts";
import { addSpreads, meanOf, NO_SPREAD, shareOf } from "./spread.ts";
import type { Spread } from "./spread.ts";
import { addTallies, NO_TALLY } from "./tally.ts";
import type { Tally } from "./tally.ts";

/** Lengths of time in figures: `mean` and `longest` exactly, the others at most a fifth too long. */
export type LengthFigures = {
  readonly count: number;
  readonly mean: Duration | null;
  readonly median: Duration | null;
  readonly ninetieth: Duration | null;
  readonly longest: Duration | null;
};

/** What was counted in production over some weeks. */
export type Counts = { readonly tally: Tally; readonly detection: Spread };

/** Nothing was counted. */
export const NO_COUNTS: Counts = { tally: NO_TALLY, detection: NO_SPREAD };

/** A range of whole weeks: the weeks of both moments, and the weeks between. */
export type Range = { readonly from: Instant; readonly to: Instant };

/** The counts of two services together. */
export function addCounts(one: Counts, other: Counts): Counts {
  return {
    tally: addTallies(one.tally, other.tally),
    detection: addSpreads(one.detection, other.detection),
  };
}

/** The environments that count as production: the last stage; without stages, those of the category `external`. */
export function productionOf({ environments }: Service): readonly string[] {
  const stages = environments.flatMap(({ stage }) => (stage === null ? [] : [stage]));
  const last = Math.max(...stages);
  return environments
    .filter(({ stage, category }) =>
      stages.length === 0 ? category === "external" : stage === last,
    )
    .map(({ id }) => id);
}

/** Which share of the changes failed, of all whose rollout began; null if there was none. */
export function failureRate({ deployments, aborted, failures }: Tally): number | null {
  const changes = deployments + aborted;
  return changes === 0 ? null : failures / changes;
}

const HALF = 0.5;
const MOST = 0.9;

/** Lengths in figures. */
export function lengthFigures(spread: Spread): LengthFigures {
  const { count, longest } = spread;
  return {
    count,
    mean: meanOf(spread),
    median: shareOf(spread, HALF),
    ninetieth: shareOf(spread, MOST),
    longest: count === 0 ? null : longest,
  };
}

/** How many days the whole weeks of a range have. */
export function daysOf({ from, to }: Range): number {
  const DAYS = 7;
  return (weekOf(to) - weekOf(from) + 1) * DAYS;
}

/** The whole weeks of a range: from the first Monday to the moment before the Monday after the last. */
export function wholeWeeks({ from, to }: Range): Range {
  return { from: startOfWeek(weekOf(from)), to: startOfWeek(weekOf(to) + 1) };
}
