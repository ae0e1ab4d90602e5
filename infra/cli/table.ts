import { plain, print } from "./output.ts";
import type { Text } from "./output.ts";

const GAP = "  ";

/** Prints rows below their headings, each column as wide as its longest cell; `nothing` when there is no row. */
export function printTable(
  headings: readonly string[],
  rows: readonly (readonly Text[])[],
  nothing: string,
): void {
  if (rows.length === 0) {
    print(nothing);
    return;
  }
  const head = headings.map((text): Text => ({ text, tone: "faint" }));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => lengthOf(row[column] ?? ""))),
  );
  for (const row of [head, ...rows]) {
    const cells = row.slice(0, row.findLastIndex((cell) => lengthOf(cell) > 0) + 1);
    print(
      ...cells.flatMap((cell, column) => pad(cell, cells.length - 1 - column, widths[column] ?? 0)),
    );
  }
}

/** The last cell of a row is not padded: no line ends in spaces. */
function pad(cell: Text, columnsAfter: number, width: number): readonly Text[] {
  return columnsAfter === 0 ? [cell] : [cell, " ".repeat(width - lengthOf(cell)) + GAP];
}

function lengthOf(cell: Text): number {
  return plain(cell).length;
}
