import { Cron } from "croner";
import { badRequest, googleError, type GoogleError } from "../kit/google-error.ts";

/** A unix-cron schedule and the tz database name of the clock on whose wall it is read. */
export type Schedule = { readonly schedule: string; readonly timeZone: string };

const STEPPED = /^(?:\*|[A-Z0-9]+-[A-Z0-9]+)(?:\/\d+)?$/i;
const SINGLE = /^[A-Z0-9]+$/i;
const NUMBER = /^\d+$/;
const MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const DAYS = "SUN MON TUE WED THU FRI SAT".split(" ");
/** The names that may stand for numbers, by field: minute, hour, day of the month, month, day of the week. */
const NAMES: readonly (readonly string[])[] = [[], [], [], MONTHS, DAYS];
const ENGLISH = /^(?:every|\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth)\b/i;

/**
 * Checks a schedule in the unix-cron format and its time zone.
 * Source: https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
 * @throws GoogleError INVALID_ARGUMENT; UNIMPLEMENTED for one in the older English-like format.
 */
export function checkSchedule(when: Schedule, nowMs: number): void {
  if (ENGLISH.test(when.schedule)) {
    throw googleError(
      "UNIMPLEMENTED",
      `This emulator does not cover English-like schedules: "${when.schedule}"`,
    );
  }
  if (!isUnixCron(when.schedule) || !isTimeZone(when.timeZone) || next(when, nowMs) === null) {
    throw invalidSchedule();
  }
}

/**
 * The first time of a schedule after a time, both in milliseconds since the epoch. The service goes by
 * wall-clock time: where the clock is put forward, a time that it skips is skipped, and where it is put
 * back, one that comes twice counts twice.
 * Source: https://cloud.google.com/scheduler/docs/configuring/cron-job-schedules
 * @throws GoogleError INVALID_ARGUMENT when the schedule has no such time.
 */
export function nextRun(when: Schedule, afterMs: number): number {
  const time = next(when, afterMs);
  if (time === null) {
    throw invalidSchedule();
  }
  return time;
}

function next({ schedule, timeZone }: Schedule, afterMs: number): number | null {
  const [minute = "", ...rest] = schedule.trim().split(/\s+/);
  // A minute that is a range with a step is the same minute, but keeps the library from moving a
  // skipped time to the end of the gap and from dropping the second of two equal times.
  const minutes = NUMBER.test(minute) ? `${minute}-${minute}/1` : minute;
  try {
    const cron = new Cron([minutes, ...rest].join(" "), { mode: "5-part", timezone: timeZone });
    return cron.nextRun(new Date(afterMs))?.getTime() ?? null;
  } catch {
    // The library throws for what it cannot read, such as a minute 60.
    return null;
  }
}

/** The library takes more than the service does: nicknames, `L`, `W`, `#`, `?`, seconds. */
function isUnixCron(schedule: string): boolean {
  const fields = schedule.trim().split(/\s+/);
  return (
    fields.length === NAMES.length &&
    fields.every((field, index) => field.split(",").every((item) => isItem(item, index)))
  );
}

function isItem(item: string, index: number): boolean {
  const values = item.split("/")[0]?.split("-") ?? [];
  const names = NAMES[index] ?? [];
  return (
    (STEPPED.test(item) || SINGLE.test(item)) &&
    values.every(
      (value) => value === "*" || NUMBER.test(value) || names.includes(value.toUpperCase()),
    )
  );
}

function isTimeZone(name: string): boolean {
  try {
    // Offsets such as +02:00 are accepted there, but are no names of the tz database.
    return /^[A-Z]/i.test(name) && Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

function invalidSchedule(): GoogleError {
  return badRequest("job.schedule", "Schedule or time zone is invalid.");
}
