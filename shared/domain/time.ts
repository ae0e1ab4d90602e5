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

/** A length of time as a specification writes it, in whole minutes or, below one, in seconds: `1h30m`. */
export function lengthText(length: Duration): string {
  const seconds = Math.floor(length / 1000);
  const whole = Math.floor(seconds / 60);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(whole / 1440), "d"],
    [Math.floor(whole / 60) % 24, "h"],
    [whole % 60, "m"],
  ];
  const told = parts.flatMap(([count, unit]) => (count === 0 ? [] : [`${count}${unit}`]));
  return told.length === 0 ? `${seconds}s` : told.join("");
}

/** An instant as records have it, in UTC, to the minute: `2026-11-20T10:00Z`. */
export function timeText(at: Instant): string {
  // oxlint-disable-next-line no-restricted-globals -- it writes a given instant and reads no clock
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}

/** An instant as messages tell it to people, to the second: `2026-11-20 10:00:07 UTC`. */
export function readableText(at: Instant): string {
  // oxlint-disable-next-line no-restricted-globals -- it writes a given instant and reads no clock
  const exact = new Date(at).toISOString();
  return `${exact.slice(0, 10)} ${exact.slice(11, 19)} UTC`;
}

/** The instant that lies `length` after `start`. */
export function after(start: Instant, length: Duration): Instant {
  return instant(start + length);
}

/** The time from `start` to `end`; zero when `end` is the earlier. */
export function between(start: Instant, end: Instant): Duration {
  return duration(Math.max(0, end - start));
}
