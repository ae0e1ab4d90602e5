import { shorten } from "../text.ts";

/** A line of a difference: taken away, added, or there on both sides. */
export type DifferentLine = { readonly sign: "-" | "+" | " "; readonly text: string };

/** The lines that differ, with a few lines around them. `leftOut` counts the lines beyond the limit. */
export type LineDifference = {
  readonly lines: readonly DifferentLine[];
  readonly leftOut: number;
};

/** How many lines around a difference are shown with it. */
const LINES_AROUND_MAX = 2;

/** How many lines of a difference are shown. */
const LINES_TOLD_MAX = 200;

/** How much of a line is shown, in characters. */
const LINE_LENGTH_MAX = 300;

/** How many pairs of lines are compared. Beyond that, all lines that may differ count as taken away and added. */
const PAIRS_MAX = 1_000_000;

/** What differs between two texts, line by line. */
export function lineDifference(before: string, after: string): LineDifference {
  const lines = nearby(compare(linesOf(before), linesOf(after)));
  const told = lines
    .slice(0, LINES_TOLD_MAX)
    .map(({ sign, text }) => ({ sign, text: shorten(text, LINE_LENGTH_MAX) }));
  return { lines: told, leftOut: lines.length - told.length };
}

/** The lines of a text, whatever its line breaks. The end of the last line makes no further line. */
function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r\n|\n|\r/u);
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function compare(one: readonly string[], other: readonly string[]): readonly DifferentLine[] {
  const start = sameAtStart(one, other);
  const end = sameAtEnd(one.slice(start), other.slice(start));
  const middle = compareMiddles(
    one.slice(start, one.length - end),
    other.slice(start, other.length - end),
  );
  return [
    ...signed(" ", one.slice(0, start)),
    ...middle,
    ...signed(" ", one.slice(one.length - end)),
  ];
}

function signed(sign: DifferentLine["sign"], lines: readonly string[]): readonly DifferentLine[] {
  return lines.map((text) => ({ sign, text }));
}

function sameAtStart(one: readonly string[], other: readonly string[]): number {
  const first = one.findIndex((line, index) => line !== other[index]);
  return first < 0 ? one.length : first;
}

function sameAtEnd(one: readonly string[], other: readonly string[]): number {
  const count = sameAtStart(one.toReversed(), other.toReversed());
  return Math.min(count, one.length, other.length);
}

function compareMiddles(
  one: readonly string[],
  other: readonly string[],
): readonly DifferentLine[] {
  if (one.length * other.length > PAIRS_MAX) {
    return [...signed("-", one), ...signed("+", other)];
  }
  return walk(one, other, commonLengths(one, other));
}

/** At `from * width + to`: how many lines, in order, the rest of `one` and the rest of `other` have in common. */
function commonLengths(one: readonly string[], other: readonly string[]): Uint32Array {
  const width = other.length + 1;
  const lengths = new Uint32Array((one.length + 1) * width);
  for (let from = one.length - 1; from >= 0; from -= 1) {
    for (let to = other.length - 1; to >= 0; to -= 1) {
      const here = from * width + to;
      lengths[here] =
        one[from] === other[to]
          ? at(lengths, here + width + 1) + 1
          : Math.max(at(lengths, here + width), at(lengths, here + 1));
    }
  }
  return lengths;
}

function walk(
  one: readonly string[],
  other: readonly string[],
  lengths: Uint32Array,
): readonly DifferentLine[] {
  const width = other.length + 1;
  const lines: DifferentLine[] = [];
  let from = 0;
  let to = 0;
  while (from < one.length || to < other.length) {
    const here = from * width + to;
    const before = one[from];
    const after = other[to];
    if (before !== undefined && before === after) {
      lines.push({ sign: " ", text: before });
      from += 1;
      to += 1;
    } else if (
      before !== undefined &&
      (after === undefined || at(lengths, here + width) >= at(lengths, here + 1))
    ) {
      lines.push({ sign: "-", text: before });
      from += 1;
    } else {
      lines.push({ sign: "+", text: after ?? "" });
      to += 1;
    }
  }
  return lines;
}

function at(lengths: Uint32Array, index: number): number {
  return lengths[index] ?? 0;
}

/** The lines that differ, and the few lines around them. */
function nearby(lines: readonly DifferentLine[]): readonly DifferentLine[] {
  const near = new Set<number>();
  for (const [index, { sign }] of lines.entries()) {
    if (sign !== " ") {
      for (let by = -LINES_AROUND_MAX; by <= LINES_AROUND_MAX; by += 1) {
        near.add(index + by);
      }
    }
  }
  return lines.filter((_, index) => near.has(index));
}
