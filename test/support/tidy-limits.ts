import { textOf } from "./tidy-files.ts";
import type { TextFile } from "./tidy-files.ts";

const PAGE = "docs/reference/limits.md";

/** A constant of the source: its name, the file and what it is set to, as written. */
type Constant = { readonly name: string; readonly file: string; readonly written: string };

/** A row of the page: the constant, the file, and what the page says of its value. */
type Row = { readonly name: string; readonly file: string; readonly says: string };

/** What may be in a service.yaml is in the JSON Schema instead; the page has the parser's own bounds. */
const OF_SPECIFICATION = "shared/wire/spec/";

/**
 * Every constant of the product that bounds something is on the reference page, with the value that the source
 * gives it, and the page names no other.
 */
export function untrueLimits(files: readonly TextFile[]): readonly string[] {
  const rows = rowsOf(textOf(files, PAGE));
  const constants = files.flatMap(constantsOf);
  return [
    ...(rows.length === 0 ? [`${PAGE} has no row`] : []),
    ...constants
      .filter(({ name, file }) => isLimit(name) && !file.startsWith(OF_SPECIFICATION))
      .filter((constant) => !rows.some((row) => isSame(row, constant)))
      .map(({ name, file }) => `${PAGE} does not name ${name} of ${file}`),
    ...rows.flatMap((row) => {
      const constant = constants.find((each) => isSame(row, each));
      return constant === undefined
        ? [`${PAGE} names ${row.name}, which ${row.file} does not have`]
        : untrueValue(row, constant);
    }),
  ];
}

function isLimit(name: string): boolean {
  return /_MAX(?:_[A-Z]+)?$|_LIMITS$/.test(name);
}

function isSame(row: Row, constant: Constant): boolean {
  return row.name === constant.name && row.file === constant.file;
}

function untrueValue({ name, says }: Row, { written }: Constant): readonly string[] {
  const value = inWords(name, written);
  return value === null ||
    says === value ||
    says.startsWith(`${value} `) ||
    says.startsWith(value + ",")
    ? []
    : [`${PAGE} says ${says} for ${name}, which is ${value}`];
}

/** The constants of a file in capitals; a mapping of several values counts as one. */
function constantsOf({ path, text }: TextFile): readonly Constant[] {
  if (!/^(?:shared|functions)\/.*\.ts$/.test(path)) {
    return [];
  }
  const declared = /^(?:export )?const ([A-Z][A-Z0-9_]*)(?:: [^=]+)? =\s([^;]*);/gm;
  return [...text.matchAll(declared)].map(([, name = "", written = ""]) => ({
    name,
    file: path,
    written,
  }));
}

/** The rows of the page's tables. The heading above a table is the folder that its files are in. */
function rowsOf(page: string): readonly Row[] {
  return page.split(/^## /m).flatMap((section) => {
    const [folder = ""] = section.split("\n");
    const row = /^\| `([A-Z0-9_]+)` +\| `([\w/.-]+)` +\| ([^|]+?) +\|/gm;
    return [...section.matchAll(row)].map(([, name = "", file = "", says = ""]) => ({
      name,
      file: `${folder}/${file}`,
      says,
    }));
  });
}

const KIBIBYTE = 1024;

/** A value as the page writes it; null where it is more than one number. */
function inWords(name: string, written: string): string | null {
  const limits = /timeoutMs: ([\d_]+), attemptsMax: (\d+)/.exec(written);
  if (limits !== null) {
    const [, timeoutMs = "", attempts = ""] = limits;
    return `${Number(timeoutMs.replaceAll("_", "")) / 1000} s, ${attempts} attempt${attempts === "1" ? "" : "s"}`;
  }
  const length = /^(minutes|days|duration)\(([\d_]+)\)$/.exec(written);
  if (length !== null) {
    const [, unit = "", amount = ""] = length;
    return lengthInWords(unit, Number(amount.replaceAll("_", "")));
  }
  if (!/^[\d_.]+(?: \*\*? [\d_.]+)*$/.test(written)) {
    return null;
  }
  const number = toNumber(written.replaceAll("_", ""));
  return name.includes("_BYTES_") ? bytesInWords(number) : number.toLocaleString("en-US");
}

function lengthInWords(unit: string, amount: number): string {
  if (unit === "minutes") {
    return `${amount} min`;
  }
  return unit === "duration" ? `${amount / 1000} s` : `${amount} day${amount === 1 ? "" : "s"}`;
}

function bytesInWords(bytes: number): string {
  const kibibytes = bytes / KIBIBYTE;
  return kibibytes < KIBIBYTE ? `${kibibytes} KiB` : `${kibibytes / KIBIBYTE} MiB`;
}

/** The value of `4 * 1024`, or of `2 ** 20`. */
function toNumber(written: string): number {
  return written
    .split(" * ")
    .map((factor) => {
      const [base = "", exponent = "1"] = factor.split(" ** ");
      return Number(base) ** Number(exponent);
    })
    .reduce((product, factor) => product * factor, 1);
}
