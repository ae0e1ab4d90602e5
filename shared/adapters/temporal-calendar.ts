import { Temporal } from "temporal-polyfill";

import type { Freeze, Weekday, WeeklyWindow, WindowPolicy } from "../domain/policy.ts";
import { instant } from "../domain/time.ts";
import type { Instant } from "../domain/time.ts";
import type { Calendar } from "../ports/calendar.ts";

/** How far ahead an opening is looked for: two years, one of them a leap year. */
export const DAYS_AHEAD_MAX = 731;

/** In the order in which Temporal numbers them, from 1. */
const WEEKDAYS: readonly Weekday[] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** What stands for no weekly windows: every hour of every day. */
const ALWAYS: readonly WeeklyWindow[] = [{ days: WEEKDAYS, from: "00:00", to: "24:00" }];

/**
 * Calendars by Temporal. A window is open while a clock on the wall in its time zone shows a time from
 * `from` until just before `to`, on one of its days. So a window that begins in an hour that is left out
 * begins when the clocks jump, and an hour that comes twice is in it both times. A time zone that is not
 * known keeps everything closed.
 * Source: https://tc39.es/proposal-temporal/docs/timezone.html
 */
export function temporalCalendar(): Calendar {
  return {
    read: (policy, now) => {
      if (!isTimeZone(policy.timeZone)) {
        const reason = `the time zone ${policy.timeZone} is not known`;
        return { kind: "closed", reason, opensAt: null };
      }
      const reason = whyClosed(policy, now);
      return reason === null
        ? { kind: "open" }
        : { kind: "closed", reason, opensAt: nextOpening(policy, now) };
    },
  };
}

function isTimeZone(timeZone: string): boolean {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone) !== null;
  } catch {
    // Asking for the time there is the only way to learn whether a zone is known; it answers by throwing.
    return false;
  }
}

/** Why promotions may not start at a moment; null when they may. */
function whyClosed(policy: WindowPolicy, now: Instant): string | null {
  const { timeZone } = policy;
  const wall = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone);
  const freeze = freezeOn(policy, wall.toPlainDate());
  if (freeze !== null) {
    const because = freeze.reason === "" ? "" : `: ${freeze.reason}`;
    return `freeze until ${freeze.to}${because}`;
  }
  // Times of day of this form compare as text, also with 24:00.
  const time = wall.toPlainTime().toString();
  const isWithin = windowsOn(policy, wall.toPlainDate()).some(
    ({ from, to }) => from <= time && time < to,
  );
  if (isWithin) {
    return null;
  }
  const windows = policy.weekly.map(showWindow).join(", ");
  return `outside the window${policy.weekly.length === 1 ? "" : "s"} ${windows} ${timeZone}`;
}

/** The freeze of a day that lasts longest, or null. Dates of this form compare as text. */
function freezeOn({ freezes }: WindowPolicy, date: Temporal.PlainDate): Freeze | null {
  const day = date.toString();
  const [longest] = freezes
    .filter(({ from, to }) => from <= day && day <= to)
    .toSorted((one, other) => (one.to < other.to ? 1 : -1));
  return longest ?? null;
}

function windowsOn({ weekly }: WindowPolicy, date: Temporal.PlainDate): readonly WeeklyWindow[] {
  const weekday = WEEKDAYS[date.dayOfWeek - 1];
  const windows = weekly.length === 0 ? ALWAYS : weekly;
  return windows.filter(({ days }) => weekday !== undefined && days.includes(weekday));
}

/** The first open moment after a closed one; null if there is none near enough. */
function nextOpening(policy: WindowPolicy, now: Instant): Instant | null {
  const { timeZone } = policy;
  const today = Temporal.Instant.fromEpochMilliseconds(now)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate();
  for (let ahead = 0; ahead <= DAYS_AHEAD_MAX; ahead += 1) {
    const date = today.add({ days: ahead });
    const [first] = possibleOpenings(policy, date)
      .filter((moment) => moment > now && whyClosed(policy, moment) === null)
      .toSorted((one, other) => one - other);
    if (first !== undefined) {
      return first;
    }
  }
  return null;
}

/**
 * The moments of a day at which it may become open: where the clock on the wall comes to the beginning
 * of a window, once or twice, and where it jumps. Whether it is open then is another question.
 */
function possibleOpenings(policy: WindowPolicy, date: Temporal.PlainDate): readonly Instant[] {
  const windows = windowsOn(policy, date);
  if (windows.length === 0 || freezeOn(policy, date) !== null) {
    return [];
  }
  const { timeZone } = policy;
  const start = date.toZonedDateTime(timeZone);
  const beginnings = windows
    .filter(({ from }) => from !== "24:00")
    .flatMap(({ from }) => {
      const wall = date.toPlainDateTime(from);
      return (["earlier", "later"] as const).map((disambiguation) =>
        wall.toZonedDateTime(timeZone, { disambiguation }),
      );
    });
  const jump = start.getTimeZoneTransition("next");
  const moments = [start, ...beginnings, ...(jump === null ? [] : [jump])];
  return moments
    .filter((moment) => moment.toPlainDate().equals(date))
    .map(({ epochMilliseconds }) => instant(epochMilliseconds));
}

/** Such as `Mon-Thu 09:00-16:00`. */
function showWindow({ days, from, to }: WeeklyWindow): string {
  const runs: Weekday[][] = [];
  for (const [index, day] of WEEKDAYS.entries()) {
    const last = runs.at(-1);
    if (days.includes(day) && last !== undefined && last.at(-1) === WEEKDAYS[index - 1]) {
      last.push(day);
    } else if (days.includes(day)) {
      runs.push([day]);
    }
  }
  const shown = runs.map((run) => (run.length === 1 ? run[0] : `${run[0]}-${run.at(-1)}`));
  return `${shown.join(",")} ${from}-${to}`;
}
