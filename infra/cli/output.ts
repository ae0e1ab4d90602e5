import { toPlainJson, toRow } from "../../shared/wire/plain-text.ts";
import { readSettings } from "./settings.ts";

/** How a text is shown where colours are. */
export type Tone = "good" | "bad" | "waiting" | "faint" | "strong";

/** A text, perhaps in a tone. */
export type Text = string | { readonly text: string; readonly tone: Tone };

const ESCAPE = String.fromCodePoint(27);
const CODES: Readonly<Record<Tone, number>> = {
  strong: 1,
  faint: 2,
  bad: 31,
  good: 32,
  waiting: 33,
};

/** Writes one row to standard output, whatever its parts hold. Colours only on a terminal that wants them. */
export function print(...parts: readonly Text[]): void {
  const isColourful = process.stdout.isTTY && !readSettings().isPlain;
  process.stdout.write(`${parts.map((part) => paint(part, isColourful)).join("")}\n`);
}

/** Writes a value as indented JSON to standard output. */
export function printJson(value: unknown): void {
  process.stdout.write(`${toPlainJson(JSON.stringify(value, null, 2))}\n`);
}

/** Writes a value as one row of JSON to standard output. */
export function printJsonRow(value: unknown): void {
  process.stdout.write(`${toPlainJson(JSON.stringify(value))}\n`);
}

/** Writes a value as one row of JSON to standard error. */
export function printJsonError(value: unknown): void {
  process.stderr.write(`${toPlainJson(JSON.stringify(value))}\n`);
}

/** Writes one row to standard error: what is not the command's result. */
export function printError(line: string): void {
  process.stderr.write(`${plain(line)}\n`);
}

/** Writes text of several rows to standard output; for help, whose rows are ours. */
export function writeOutput(text: string): void {
  process.stdout.write(toRows(text));
}

/** Writes text of several rows to standard error; for complaints about usage, and for bugs. */
export function writeErrorOutput(text: string): void {
  process.stderr.write(toRows(text));
}

/** The text without its tone, as it can stand in a row. */
export function plain(part: Text): string {
  return toRow(typeof part === "string" ? part : part.text);
}

/** Ends the process quietly when whoever reads the output has gone, as `| head` does. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A pipe without a reader, and a terminal that is gone.
    if (error.code !== "EPIPE" && error.code !== "EIO") {
      throw error;
    }
    process.exit();
  });
}

function paint(part: Text, isColourful: boolean): string {
  return typeof part === "string" || !isColourful
    ? plain(part)
    : `${ESCAPE}[${CODES[part.tone]}m${plain(part)}${ESCAPE}[0m`;
}

function toRows(text: string): string {
  return text.split("\n").map(toRow).join("\n");
}
