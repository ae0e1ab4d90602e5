import { Cron } from "croner";
import { badRequest, googleError } from "../kit/google-error.ts";

const VALUE =
  "(?:[0-9]+|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT)";
const ITEM = `(?:(?:[*]|${VALUE}-${VALUE})(?:/[0-9]+)?|${VALUE})`;
const FIELD = `${ITEM}(?:,${ITEM})*`;
/** The library takes more than the service does: nicknames, `L`, `W`, `#`, `?`, seconds. */
const UNIX_CRON = new RegExp(`^${FIELD}(?: +${FIELD}){4}$`, "i");
const ENGLISH = /^(?:every|\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth)\b/i;
/** Offsets such as +02:00, which the library takes too, are no names of the tz database. */
const TIME_ZONE = /^[A-Z]/i;

/**
 * The first time of a unix-cron schedule after a time, both in milliseconds since the epoch. The service goes by the
 * wall-clock time of a name in the tz database: where the clock is put forward, a time that it skips is skipped, and
 * where it is put back, one that comes twice counts twice.
 * Source: https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
 * @throws GoogleError INVALID_ARGUMENT also when it never comes; UNIMPLEMENTED for one in the older English-like format.
 */
export function nextRun(schedule: string, timeZone: string, afterMs: number): number {
  if (ENGLISH.test(schedule)) {
    throw googleError(
      "UNIMPLEMENTED",
      `This emulator does not cover English-like schedules: "${schedule}"`,
    );
  }
  const text = schedule.trim();
  const isOfForm = UNIX_CRON.test(text) && TIME_ZONE.test(timeZone);
  const next = isOfForm ? nextOf(text, timeZone, afterMs) : null;
  if (next === null) {
    throw badRequest("job.schedule", "Schedule or time zone is invalid.");
  }
  return next.getTime();
}

function nextOf(schedule: string, timeZone: string, afterMs: number): Date | null {
  // A minute that is a range with a step is the same minute, but keeps the library from moving a
  // skipped time to the end of the gap and from dropping the second of two equal times.
  const steps = schedule.replace(/^(\d+) /, "$1-$1/1 ");
  try {
    const cron = new Cron(steps, { mode: "5-part", timezone: timeZone });
    return cron.nextRun(new Date(afterMs));
  } catch {
    // The library throws for what it cannot read, such as a minute 60 or an unknown time zone.
    return null;
  }
}
