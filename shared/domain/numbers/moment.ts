import { instant } from "../time.ts";
import type { Instant } from "../time.ts";

const UTC_TIME =
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})T(?<hour>\d{2}):(?<minute>\d{2}):(?<second>\d{2})(?:\.(?<fraction>\d{1,9}))?Z$/;

const MINUTES = 60;
const HOURS = 24;
const SECOND_MS = 1000;
const FRACTION_DIGITS = 9;
const NANOSECONDS_OF_MS = 1_000_000;

/** A moment as a record writes it: RFC 3339 in UTC; null for anything else. */
export function momentOf(text: string | undefined): Instant | null {
  const groups = UTC_TIME.exec(text ?? "")?.groups;
  if (groups === undefined) {
    return null;
  }
  const part = (name: string): number => Number(groups[name]);
  const days = daysBefore(part("year"), part("month"), part("day"));
  const minutes = (days * HOURS + part("hour")) * MINUTES + part("minute");
  const fraction = (groups["fraction"] ?? "").padEnd(FRACTION_DIGITS, "0");
  const ms = Math.floor(Number(fraction) / NANOSECONDS_OF_MS);
  return instant((minutes * MINUTES + part("second")) * SECOND_MS + ms);
}

/**
 * Days from the epoch to a day of the calendar. Years are counted from March, so that a leap day is the last day of its
 * year.
 */
function daysBefore(year: number, month: number, day: number): number {
  const isEarly = month <= 2;
  const years = isEarly ? year - 1 : year;
  const months = isEarly ? month + 9 : month - 3;
  const ofYears =
    years * 365 + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const ofMonths = Math.floor((153 * months + 2) / 5);
  const EPOCH = 719_469;
  return ofYears + ofMonths + day - EPOCH;
}
