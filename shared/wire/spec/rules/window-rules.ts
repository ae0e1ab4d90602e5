import { minuteOfDay } from "../calendar.ts";
import type { Path, Report } from "../problem.ts";
import type { DeliveryEnvironmentDraft } from "../schema.ts";
import type { DeliveryPlace } from "./delivery-rules.ts";

const DAY_MS = 86_400_000;
const FREEZE_DAYS_LONG = 90;

type Windows = NonNullable<DeliveryEnvironmentDraft["windows"]>;
type Freeze = NonNullable<Windows["freezes"]>[number];
type Weekly = NonNullable<NonNullable<Windows["weekly"]>[number]>;

/** Windows that never open, and those that say the same twice. */
export function judgeWindows({ delivery, path }: DeliveryPlace, report: Report): void {
  const { windows } = delivery;
  if (windows === undefined) {
    return;
  }
  const at = [...path, "windows"];
  if (windows.weekly?.length === 0) {
    report.error(
      [...at, "weekly"],
      "is empty, so no promotion could ever start: leave it out for always",
    );
  }
  judgeWeekly(windows.weekly ?? [], [...at, "weekly"], report);
  judgeFreezes(windows.freezes ?? [], [...at, "freezes"], report);
}

function judgeWeekly(weekly: NonNullable<Windows["weekly"]>, path: Path, report: Report): void {
  for (const [index, window] of weekly.entries()) {
    const { from, to, days } = window ?? {};
    if (from === undefined || to === undefined) {
      continue;
    }
    if (from === to) {
      report.error(
        [...path, index, "to"],
        `is ${to}, the same as from, so the window never opens; a whole day is 00:00 to 24:00`,
      );
    } else if (minuteOfDay(from) > minuteOfDay(to)) {
      report.error(
        [...path, index, "to"],
        `must be after ${from}: write a night as two windows, ${from} to 24:00 and 00:00 to ${to} of the next day`,
      );
    }
    if (new Set(days).size < (days ?? []).length) {
      report.warning([...path, index, "days"], "names a day twice");
    }
    const outer = weekly.findIndex(
      (other, otherIndex) =>
        otherIndex !== index && covers(other ?? {}, window ?? {}, otherIndex < index),
    );
    if (outer >= 0) {
      report.warning(
        [...path, index],
        `lies wholly within weekly[${outer}] and adds nothing: remove it`,
      );
    }
  }
}

/** Whether the first window is open whenever the second is; of two equal ones, the earlier covers the later. */
function covers(outer: Weekly, inner: Weekly, isEarlier: boolean): boolean {
  const days = new Set(outer.days);
  const innerDays = new Set(inner.days);
  const from = minutesBetween(outer.from, inner.from);
  const to = minutesBetween(inner.to, outer.to);
  const isWithin = [...innerDays].every((day) => days.has(day)) && from >= 0 && to >= 0;
  const isSame = days.size === innerDays.size && from === 0 && to === 0;
  return isWithin && (!isSame || isEarlier);
}

/** Not a number when one of them is missing, so that every comparison fails. */
function minutesBetween(start: string | undefined, end: string | undefined): number {
  return minuteOfDay(end ?? "") - minuteOfDay(start ?? "");
}

function judgeFreezes(freezes: NonNullable<Windows["freezes"]>, path: Path, report: Report): void {
  for (const [index, freeze] of freezes.entries()) {
    const { from, to, reason = "" } = freeze ?? {};
    if (from === undefined || to === undefined) {
      continue;
    }
    if (to < from) {
      report.error([...path, index, "to"], `is ${to}, before the freeze starts on ${from}`);
      continue;
    }
    if (reason === "") {
      report.warning(
        [...path, index, "reason"],
        "is missing: say why, because everybody who waits is shown it",
      );
    }
    const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
    if (days > FREEZE_DAYS_LONG) {
      report.warning(
        [...path, index],
        `closes ${days} days in a row: if nothing is to be deployed for so long, use a hold instead`,
      );
    }
    const other = freezes.slice(0, index).findIndex((earlier) => overlaps(earlier, { from, to }));
    if (other >= 0) {
      report.warning([...path, index], `overlaps freezes[${other}]`);
    }
  }
}

type Days = { readonly from: string; readonly to: string };

/** Dates of this form compare as text; a freeze of which a day is missing overlaps nothing. */
function overlaps(one: Freeze, other: Days): boolean {
  return (one?.from ?? "~") <= other.to && other.from <= (one?.to ?? "");
}
