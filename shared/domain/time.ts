declare const instantBrand: unique symbol;
declare const durationBrand: unique symbol;

/** A moment: milliseconds since the Unix epoch, UTC. */
export type Instant = number & { readonly [instantBrand]: true };

/** A length of time in milliseconds, never negative. */
export type Duration = number & { readonly [durationBrand]: true };

/** Makes an instant of milliseconds since the Unix epoch. */
export function instant(epochMs: number): Instant {
  // The brand exists only for the compiler; this is the one place that gives it.
  return epochMs as Instant;
}

/** Makes a duration of milliseconds. */
export function duration(lengthMs: number): Duration {
  // The brand exists only for the compiler; this is the one place that gives it.
  return lengthMs as Duration;
}

/** A duration of whole or fractional minutes. */
export function minutes(count: number): Duration {
  return duration(count * 60_000);
}

/** A duration of days of 24 hours. */
export function days(count: number): Duration {
  return duration(count * 86_400_000);
}

/** The instant that lies `length` after `start`. */
export function after(start: Instant, length: Duration): Instant {
  return instant(start + length);
}

/** The time from `start` to `end`; zero when `end` is the earlier. */
export function between(start: Instant, end: Instant): Duration {
  return duration(Math.max(0, end - start));
}
