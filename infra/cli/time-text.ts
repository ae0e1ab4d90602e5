import { CliError, EXIT } from "./cli-error.ts";

const UNITS = [
  { suffix: "d", ms: 86_400_000 },
  { suffix: "h", ms: 3_600_000 },
  { suffix: "m", ms: 60_000 },
  { suffix: "s", ms: 1000 },
] as const;

/** What is shorter is no length that people are told. */
const LENGTH_MIN_MS = 1000;

const LENGTH = /^(\d{1,6})([dhms])$/;

/** How long ago, or in how long, a moment is: `3m ago`, `in 2h`, `now`. */
export function relative(time: string, now: number): string {
  const distanceMs = now - Date.parse(time);
  const text = lengthText(Math.abs(distanceMs));
  if (text === "") {
    return "now";
  }
  return distanceMs > 0 ? `${text} ago` : `in ${text}`;
}

/** A length of time rounded to its largest unit, such as `3m`; empty below a second. */
export function lengthText(lengthMs: number): string {
  // Rounded in the next smaller unit first, so that 59 minutes and 59 seconds are an hour, not 60 minutes.
  const unit = UNITS.find(({ ms }, index) => {
    const smallerMs = UNITS[index + 1]?.ms ?? ms;
    return lengthMs >= ms || Math.round(lengthMs / smallerMs) * smallerMs >= ms;
  });
  return unit === undefined || lengthMs < LENGTH_MIN_MS
    ? ""
    : `${Math.round(lengthMs / unit.ms)}${unit.suffix}`;
}

/** Milliseconds of a length such as `30m`, `2h` or `3d`. @throws CliError when it is none. */
export function parseLength(text: string): number {
  const [, count, suffix] = LENGTH.exec(text) ?? [];
  const unit = UNITS.find((other) => other.suffix === suffix);
  if (count === undefined || unit === undefined) {
    throw new CliError(EXIT.usage, `${text} is not a length of time such as 30m, 2h or 3d`);
  }
  return Number(count) * unit.ms;
}

/** A moment as RFC 3339, given as one or as a length from now. @throws CliError when it is neither. */
export function parseMoment(text: string, now: number): string {
  if (LENGTH.test(text)) {
    return new Date(now + parseLength(text)).toISOString();
  }
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) {
    const message = `${text} is neither a moment such as 2026-12-24T18:00:00Z nor a length of time such as 2h`;
    throw new CliError(EXIT.usage, message);
  }
  return new Date(moment).toISOString();
}
