const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Upstream looks at as many runs: four weeks of a run an hour. */
const RUNS_MAX = 24 * 7 * 4;
/** Long enough to meet 29 February. */
const DAYS_MAX = 366 * 5;
/** The first of January 2027: any fixed day will do, because only gaps matter. */
const START_MS = 1_798_761_600_000;

/** Upstream's library knows the whole words as well. */
const MONTH_WORDS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const WEEKDAY_WORDS = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MACROS: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

const PART = /^(?:([*?])|([a-z\d]{1,9})(?:-([a-z\d]{1,9}))?)(?:\/(0|[1-9]\d{0,3}))?$/i;

type Field = {
  readonly min: number;
  readonly max: number;
  /** By value, short and whole. */
  readonly names: readonly (readonly string[])[];
};

const FIELDS: readonly Field[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  {
    min: 1,
    max: 12,
    names: [[], ...MONTHS.map((name, index) => [name, MONTH_WORDS[index] ?? name])],
  },
  { min: 0, max: 7, names: WEEKDAYS.map((name, index) => [name, WEEKDAY_WORDS[index] ?? name]) },
];

/** When a job runs: what each of the five fields allows. */
export type Cron = {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** Whether both days and weekdays are restricted: then either suffices. */
  readonly eitherDay: boolean;
};

/**
 * Reads a schedule of five fields, or a macro such as `@daily`; null when it is none. Not read are the extensions
 * of other libraries: seconds, years, `L`, `W` and `#`.
 * Source: https://man7.org/linux/man-pages/man5/crontab.5.html
 */
export function parseCron(text: string): Cron | null {
  const fields = (MACROS.get(text.trim()) ?? text).trim().split(/\s+/);
  const sets = FIELDS.map((field, index) => parseField(fields[index] ?? "", field));
  const [minutes, hours, days, months, weekdays] = sets;
  if (fields.length !== FIELDS.length || !minutes || !hours || !days || !months || !weekdays) {
    return null;
  }
  return {
    minutes,
    hours,
    days,
    months,
    weekdays: new Set([...weekdays].map((day) => day % 7)),
    eitherDay: !isAny(fields[2]) && !isAny(fields[4]),
  };
}

/** The longest time between two runs that follow each other, in milliseconds; null when it never runs twice. */
export function longestGapMs(cron: Cron): number | null {
  const runs = runsOf(cron);
  const gaps = runs.slice(1).map((run, index) => run - (runs[index] ?? run));
  return gaps.length === 0 ? null : Math.max(...gaps);
}

function runsOf(cron: Cron): readonly number[] {
  const times = [...cron.hours]
    .toSorted((a, b) => a - b)
    .flatMap((hour) =>
      [...cron.minutes]
        .toSorted((a, b) => a - b)
        .map((minute) => hour * HOUR_MS + minute * MINUTE_MS),
    );
  const runs: number[] = [];
  for (let day = 0; day < DAYS_MAX && runs.length < RUNS_MAX; day += 1) {
    const midnight = START_MS + day * DAY_MS;
    if (runsOn(cron, new Date(midnight))) {
      runs.push(...times.map((time) => midnight + time));
    }
  }
  return runs;
}

function runsOn(cron: Cron, date: Date): boolean {
  const day = cron.days.has(date.getUTCDate());
  const weekday = cron.weekdays.has(date.getUTCDay());
  return (
    cron.months.has(date.getUTCMonth() + 1) && (cron.eitherDay ? day || weekday : day && weekday)
  );
}

function isAny(field: string | undefined): boolean {
  return field === undefined || field.startsWith("*") || field === "?";
}

function parseField(text: string, field: Field): ReadonlySet<number> | null {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const range = parsePart(part, field);
    if (range === null) {
      return null;
    }
    for (let value = range.from; value <= range.to; value += range.step) {
      values.add(value);
    }
  }
  return values;
}

type Range = { readonly from: number; readonly to: number; readonly step: number };

/** A part is `*`, `5` or `1-5`, perhaps with a step; `5/10` means from 5 on. */
function parsePart(text: string, field: Field): Range | null {
  const parts = PART.exec(text);
  if (parts === null) {
    return null;
  }
  const [, any, first = "", last, step] = parts;
  const alone = step === undefined ? first : String(field.max);
  const range =
    any === undefined
      ? { from: valueOf(first, field), to: valueOf(last ?? alone, field) }
      : { from: field.min, to: field.max };
  // Every comparison with what is not a number fails.
  return range.from <= range.to && step !== "0" ? { ...range, step: Number(step ?? 1) } : null;
}

/** Not a number when the text is no value of the field. */
function valueOf(text: string, field: Field): number {
  const lower = text.toLowerCase();
  const named = field.names.findIndex((names) => names.includes(lower));
  const value = named >= 0 ? named : Number(text);
  return value >= field.min && value <= field.max ? value : Number.NaN;
}
