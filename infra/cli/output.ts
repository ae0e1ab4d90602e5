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

/** Control characters but the line feed: those of others could rewrite what the terminal shows. */
const CONTROL = /[^\P{Cc}\n]/gu;

/** Writes a line to standard output. Colours only on a terminal that wants them. */
export function print(...parts: readonly Text[]): void {
  const isColourful = process.stdout.isTTY && !readSettings().isPlain;
  process.stdout.write(`${parts.map((part) => paint(part, isColourful)).join("")}\n`);
}

/** Writes a value as indented JSON to standard output. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Writes a line to standard error: what is not the command's result. */
export function printError(line: string): void {
  process.stderr.write(`${plain(line)}\n`);
}

/** Writes text to standard output as it is; for help, whose text is ours. */
export function writeOutput(text: string): void {
  process.stdout.write(text);
}

/** Writes text to standard error as it is; for complaints about usage. */
export function writeErrorOutput(text: string): void {
  process.stderr.write(text);
}

/** The text without its tone. */
export function plain(part: Text): string {
  return (typeof part === "string" ? part : part.text).replaceAll(CONTROL, "\u{FFFD}");
}

/** Ends the process quietly when whoever reads the output has gone, as `| head` does. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") {
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
