import type { Promotion, StepName } from "../promotion.ts";
import { between, duration } from "../time.ts";
import type { Duration } from "../time.ts";

/** How long a step took the last times, the newest last. */
export type Pace = readonly Duration[];

/** How long each step took lately in an environment, by the step's name. */
export type Paces = Readonly<Record<string, Pace>>;

/** How many times are remembered of a step. */
const PACE_MAX = 7;

/** Steps that take as long as people and gates do, which says nothing of the next time. */
const OTHERS_DO: ReadonlySet<StepName> = new Set<StepName>(["gates", "approval"]);

/** What is known of an environment's steps after a promotion that went through all of its own. */
export function withPaces(paces: Paces, { steps }: Promotion): Paces {
  const next: Record<string, Pace> = { ...paces };
  for (const { name, state, startedAt, endedAt } of steps) {
    const isKnown = state === "SUCCEEDED" && startedAt !== null && endedAt !== null;
    if (isKnown && !OTHERS_DO.has(name)) {
      next[name] = [...(next[name] ?? []), between(startedAt, endedAt)].slice(-PACE_MAX);
    }
  }
  return next;
}

/** The middle of some lengths: the longer of two; null of none. */
export function middleOf(pace: Pace): Duration | null {
  const sorted = pace.toSorted((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)];
  return middle === undefined ? null : duration(middle);
}
