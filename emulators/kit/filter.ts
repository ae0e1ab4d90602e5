import {
  expectToken,
  filterError,
  readTokens,
  takeName,
  type TokenReader,
  tokenValue,
} from "./filter-tokens.ts";
import { isRecord } from "./json.ts";
import { valuesAt } from "./values.ts";

/** Says whether a record is in a filtered list. */
export type Predicate = (record: object) => boolean;

/**
 * Reads the filter of a list call: comparisons (`=`, `!=`, `:`) that must all hold, side by side or joined by `AND`, also in
 * parentheses. Field names are matched without case or underscores, and a field that is absent equals its type's default.
 * An empty text lets everything through.
 * Source: https://google.aip.dev/160
 * @throws GoogleError INVALID_ARGUMENT when the text is not of that form, too long or nested too deep.
 */
export function parseFilter(text: string): Predicate {
  const reader = readTokens(text);
  const parts = reader.takeIf("") ? [] : readAll(reader);
  expectToken(reader, "");
  return (record) => parts.every((part) => part(record));
}

function readAll(reader: TokenReader): readonly Predicate[] {
  const parts = [...readTerm(reader)];
  while (reader.takeIf("AND") || !/^\)?$/.test(reader.peek().text)) {
    parts.push(...readTerm(reader));
  }
  return parts;
}

function readTerm(reader: TokenReader): readonly Predicate[] {
  if (!reader.takeIf("(")) {
    return [readComparison(reader)];
  }
  const inner = readAll(reader);
  expectToken(reader, ")");
  return inner;
}

function readComparison(reader: TokenReader): Predicate {
  const path = [tokenValue(takeName(reader))];
  while (reader.takeIf(".")) {
    path.push(tokenValue(takeName(reader)));
  }
  const { text: operator, position } = reader.take();
  if (!["=", "!=", ":"].includes(operator)) {
    throw filterError(position, `expected =, != or :, but found "${operator}"`);
  }
  const value = takeName(reader);
  const wanted = tokenValue(value);
  if (wanted.includes("*")) {
    throw filterError(value.position, "the emulator does not implement *");
  }
  return (record) => {
    const found = valuesAt(record, path).flat();
    const values = found.filter((one) => one !== undefined && one !== null);
    return operator === ":"
      ? values.some((one) => has(one, wanted))
      : isEqual(values, wanted) === (operator === "=");
  };
}

/** What a field that is not there counts as: proto3 JSON leaves out each of these. */
const DEFAULTS: ReadonlySet<string> = new Set(["", "0", "false", "null"]);

/** Of several values (an array's) one is enough. */
function isEqual(values: readonly unknown[], wanted: string): boolean {
  return values.length === 0 ? DEFAULTS.has(wanted) : values.some((one) => String(one) === wanted);
}

/** `map:key` asks for a key, `list:x` for an element, `text:x` for a part. */
function has(value: unknown, wanted: string): boolean {
  return isRecord(value)
    ? Object.hasOwn(value, wanted)
    : String(value).toLowerCase().includes(wanted.toLowerCase());
}
