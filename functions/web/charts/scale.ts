import type { Instant } from "../../../shared/domain/time.ts";
import { instant } from "../../../shared/domain/time.ts";

/** A stretch of time that a picture shows. */
export type Span = { readonly from: Instant; readonly to: Instant };

/** Where moments stand on a picture: from `start` to `end`, in the picture's units; what is outside stands at its edge. */
export function timeScale(
  { from, to }: Span,
  { start, end }: { readonly start: number; readonly end: number },
): (at: Instant) => number {
  return (at) => {
    const share = (at - from) / (to - from);
    return round(start + Math.min(1, Math.max(0, share)) * (end - start));
  };
}

/** A place to one tenth of a unit: more digits only make a picture long. */
export function round(place: number): number {
  return Math.round(place * 10) / 10;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A moment that a picture names. */
export type Tick = { readonly at: Instant; readonly label: string };

/** The moments that a picture of that span names: about eight, at whole minutes, hours or days, in UTC. */
export function ticksOf({ from, to }: Span): readonly Tick[] {
  const lengthMs = to - from;
  const stepMs = STEPS.find((ms) => lengthMs / ms <= TICKS_MAX) ?? 7 * DAY_MS;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / stepMs) * stepMs; at <= to; at += stepMs) {
    ticks.push({ at: instant(at), label: labelOf(at, stepMs) });
  }
  return ticks;
}

/** How many moments a picture names at most. */
const TICKS_MAX = 12;

const STEPS = [5 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, DAY_MS, 3 * DAY_MS];

function labelOf(at: number, stepMs: number): string {
  const text = new Date(at).toISOString();
  const isMidnight = at % DAY_MS === 0;
  return stepMs >= DAY_MS || isMidnight ? text.slice(5, 10) : text.slice(11, 16);
}
