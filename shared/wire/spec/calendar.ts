import { show } from "./explain-issue.ts";
import { didYouMean } from "./nearest.ts";

const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MINUTES_PER_HOUR = 60;

/** What is wrong with a time of day such as `09:00` or `24:00`, or null. */
export function complainAboutTimeOfDay(value: string): string | null {
  return TIME_OF_DAY.test(value) || value === "24:00"
    ? null
    : `must be a time of day such as 09:00, not ${show(value)}`;
}

/** What is wrong with a date such as `2026-12-20`, or null. */
export function complainAboutDate(value: string): string | null {
  const parts = DATE.exec(value);
  if (parts === null) {
    return `must be a date such as 2026-12-20, not ${show(value)}`;
  }
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? null
    : `is not a date of the calendar: ${value}`;
}

/** What is wrong with the name of a time zone, or null when the IANA database has it. */
export function complainAboutTimeZone(value: string): string | null {
  if (isTimeZone(value)) {
    return null;
  }
  // There are hundreds of zones: only those that start alike are compared.
  const zones = Intl.supportedValuesOf("timeZone").filter((zone) => zone[0] === value[0]);
  return `must be a time zone such as Europe/Berlin or UTC, not ${show(value)}${didYouMean(value, zones)}`;
}

/** The minutes since midnight of a valid time of day. */
export function minuteOfDay(timeOfDay: string): number {
  const [hours, minutes] = timeOfDay.split(":");
  return Number(hours) * MINUTES_PER_HOUR + Number(minutes);
}

function isTimeZone(name: string): boolean {
  try {
    // Offsets such as +02:00 are taken too, but know no summer time.
    return Intl.DateTimeFormat("en", { timeZone: name }).format(0) !== "" && !/^[+-]/.test(name);
  } catch {
    // The constructor is the only place that knows every name and alias; it answers by throwing.
    return false;
  }
}
