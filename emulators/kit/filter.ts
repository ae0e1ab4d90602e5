import {
  expectToken,
  filterError,
  readTokens,
  takeName,
  type TokenReader,
  tokenValue,
} from "./filter-tokens.ts";
import { isRecord } from "./json.ts";
import { compareValues, valuesAt } from "./values.ts";

/** Says whether a record is in a filtered list. */
export type Predicate = (record: object) => boolean;

const OPERATOR = /^(?:[!<>]?=|[<>:])$/;

/**
 * Reads the filter of a list call: comparisons (`=`, `!=`, `<`, `<=`, `>`, `>=`, `:`) joined by `AND`,
 * `OR` (which binds tighter), `NOT` or `-`, and parentheses; terms side by side are joined by `AND`.
 * Field names are matched without case or underscores, `*` in a value stands for anything, and a field
 * that is absent equals its type's default. An empty text lets everything through.
 * Source: https://google.aip.dev/160
 * @throws GoogleError INVALID_ARGUMENT when the text is not of that form, too long or nested too deep.
 */
export function parseFilter(text: string): Predicate {
  const reader = readTokens(text);
  if (reader.peek().text === "") {
    return () => true;
  }
  const predicate = readExpression(reader);
  expectToken(reader, "");
  return predicate;
}

function readExpression(reader: TokenReader): Predicate {
  const parts = [readFactor(reader)];
  while (reader.takeIf("AND") || !/^\)?$/.test(reader.peek().text)) {
    parts.push(readFactor(reader));
  }
  return (record) => parts.every((part) => part(record));
}

function readFactor(reader: TokenReader): Predicate {
  const parts = [readTerm(reader)];
  while (reader.takeIf("OR")) {
    parts.push(readTerm(reader));
  }
  return (record) => parts.some((part) => part(record));
}

function readTerm(reader: TokenReader): Predicate {
  const isNegated = reader.takeIf("NOT") || reader.takeIf("-");
  const simple = reader.takeIf("(") ? readGroup(reader) : readComparison(reader);
  return isNegated ? (record) => !simple(record) : simple;
}

function readGroup(reader: TokenReader): Predicate {
  const inner = readExpression(reader);
  expectToken(reader, ")");
  return inner;
}

function readComparison(reader: TokenReader): Predicate {
  const path = [tokenValue(takeName(reader))];
  while (reader.takeIf(".")) {
    path.push(tokenValue(takeName(reader)));
  }
  const { text: operator, position } = reader.take();
  if (!OPERATOR.test(operator)) {
    throw filterError(position, `expected an operator, but found "${operator}"`);
  }
  const value = readValue(reader);
  return (record) => matches(valuesAt(record, path), operator, value);
}

/** One value; without quotes it goes on over dots and colons, as in `1.5` and `2026-11-20T10:00:00Z`. */
function readValue(reader: TokenReader): string {
  const sign = reader.takeIf("-") ? "-" : "";
  let part = takeName(reader);
  let value = sign + tokenValue(part);
  for (
    let next = reader.peek();
    /^[.:]$/.test(next.text) && next.position === part.position + part.text.length;
    next = reader.peek()
  ) {
    value += reader.take().text;
    part = takeName(reader);
    value += tokenValue(part);
  }
  return value;
}

/** What a field that is not there counts as: proto3 JSON leaves out each of these. */
const DEFAULTS: ReadonlySet<string> = new Set(["", "0", "false", "null"]);

const ORDERS: Readonly<Record<string, (difference: number) => boolean>> = {
  "<": (difference) => difference < 0,
  "<=": (difference) => difference <= 0,
  ">": (difference) => difference > 0,
  ">=": (difference) => difference >= 0,
};

/** Of several values (an array's) one is enough, except for `!=`, for which none may be equal. */
function matches(found: readonly unknown[], operator: string, wanted: string): boolean {
  const values = found.filter((one) => one !== undefined && one !== null);
  switch (operator) {
    case "=":
      return isEqual(values, wanted);
    case "!=":
      return !isEqual(values, wanted);
    case ":":
      return values.some((one) => has(one, wanted));
    default:
      return values.some((one) => ORDERS[operator]?.(compareValues(one, wanted)) === true);
  }
}

function isEqual(values: readonly unknown[], wanted: string): boolean {
  return values.length === 0
    ? DEFAULTS.has(wanted)
    : values.some((one) => (Array.isArray(one) ? isEqual(one, wanted) : equals(one, wanted)));
}

/** `field:*` asks for presence, `map:key` for a key, `list:x` for an element, `text:x` for a part. */
function has(value: unknown, wanted: string): boolean {
  if (Array.isArray(value)) {
    return value.some((one) => has(one, wanted));
  }
  if (wanted === "*") {
    return true;
  }
  if (isRecord(value)) {
    return Object.hasOwn(value, wanted);
  }
  return typeof value === "string" ? toPattern(wanted, "is").test(value) : equals(value, wanted);
}

function equals(one: unknown, wanted: string): boolean {
  return typeof one === "string" && wanted.includes("*")
    ? toPattern(`^${wanted}$`, "s").test(one)
    : compareValues(one, wanted) === 0;
}

/** `*` stands for anything, `^` before it and `$` after it for the ends of the text. */
function toPattern(wanted: string, flags: string): RegExp {
  const [, start = "", inner = "", end = ""] = /^(\^?)(.*?)(\$?)$/s.exec(wanted) ?? [];
  const parts = inner.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(start + parts.join(".*") + end, flags);
}
