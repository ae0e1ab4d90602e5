import type { Check, TextFile } from "./tidy-files.ts";
import { textOf } from "./tidy-files.ts";

/** What a table's cell may have, in characters as they are read: a few words. */
const CELL_LENGTH_MAX = 80;

/** What can be read in ten minutes. */
const ARCHITECTURE_BYTES_MAX = 15 * 1024;

/** A line that separates the heading of a table from its rows. */
const RULE = /^\|[\s:|-]+\|$/;

/** No table has a sentence in a cell: sentences are read in lists and prose. */
export function wordyTables(files: readonly TextFile[]): readonly string[] {
  return files
    .filter(({ path }) => path.endsWith(".md"))
    .flatMap(({ path, text }) =>
      rowsOf(text).flatMap(({ line, cells }) =>
        cells
          .filter((cell) => cell.length > CELL_LENGTH_MAX)
          .map((cell) => `${path}:${line} has a sentence in a table: ${cell}`),
      ),
    );
}

/** ARCHITECTURE can be read in ten minutes. */
export function longArchitecture(files: readonly TextFile[]): readonly string[] {
  const bytes = Buffer.byteLength(textOf(files, "ARCHITECTURE.md"));
  return bytes <= ARCHITECTURE_BYTES_MAX
    ? []
    : [`ARCHITECTURE.md has ${bytes} bytes, more than ${ARCHITECTURE_BYTES_MAX}`];
}

type Row = { readonly line: number; readonly cells: readonly string[] };

/** The rows of a document's tables, without the targets of their links. */
function rowsOf(text: string): readonly Row[] {
  const withoutBlocks = text.replaceAll(/^```[\s\S]*?^```/gm, (block) =>
    block.replaceAll(/[^\n]/g, ""),
  );
  return withoutBlocks.split("\n").flatMap((line, index) =>
    line.startsWith("|") && !RULE.test(line)
      ? [
          {
            line: index + 1,
            cells: line
              .split(/(?<!\\)\|/)
              .map((cell) => cell.replaceAll(/\]\([^)]*\)/g, "]").trim()),
          },
        ]
      : [],
  );
}

/** The lines that a merge leaves where two changes met. */
const CONFLICT = /^(?:<{7,}|>{7,}|> > > > > > >) ?/m;

/** No file holds what a merge could not decide. */
export const leftConflicts: Check = (files) =>
  files.filter(({ text }) => CONFLICT.test(text)).map(({ path }) => `${path} holds a conflict`);
