/** One thing that was measured. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  /** `ms`, `MB`, `x` for a ratio, `events/s`, or what was counted. */
  readonly unit: string;
  /** The most that it should be; null where it is only told. */
  readonly target: number | null;
  /** What a reader needs to know to make sense of it. */
  readonly note: string;
};

/** A figure that is only told. */
export function told(name: string, value: number, unit: string, note = ""): Figure {
  return { name, value, unit, target: null, note };
}

/** A figure that should not be more than its target. */
export function aimed(
  name: string,
  value: number,
  {
    unit,
    target,
    note = "",
  }: { readonly unit: string; readonly target: number; readonly note?: string },
): Figure {
  return { name, value, unit, target, note };
}

/** The middle of some values; NaN of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a share of the values does not exceed, by the nearest rank; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The figures as a table, with targets beside the results. */
export function toTable(figures: readonly Figure[]): readonly string[] {
  const rows = figures.map(({ name, value, unit, target, note }) => [
    name,
    shown(value),
    unit,
    target === null ? "" : `<= ${target}`,
    target === null ? "" : verdict(value, target),
    note,
  ]);
  const all = [["FIGURE", "RESULT", "UNIT", "TARGET", "", "NOTE"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...all.map((row) => row[column]?.length ?? 0)),
  );
  return all.map((row) =>
    row
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

function verdict(value: number, target: number): string {
  return value <= target ? "met" : "MISSED";
}

/** Three digits are as much as such a measurement can say. */
function shown(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
