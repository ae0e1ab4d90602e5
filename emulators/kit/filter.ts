import { valuesAt } from "./field-path.ts";
import { matches } from "./filter-match.ts";
import {
  filterError,
  readTokens,
  type Token,
  type TokenReader,
  tokenValue,
} from "./filter-tokens.ts";

/** Says whether a record is in a filtered list. */
export type Predicate = (record: object) => boolean;

/**
 * Reads the filter of a list call: comparisons (`=`, `!=`, `<`, `<=`, `>`, `>=`, `:`) joined by `AND`,
 * `OR` (which binds tighter), `NOT` or `-`, and parentheses; terms side by side are joined by `AND`.
 * Field names are matched without case or underscores, `*` in a value stands for anything, and a field
 * that is absent equals its type's default. An empty text lets everything through.
 * Source: https://google.aip.dev/160
 * @throws GoogleError INVALID_ARGUMENT when the text is not of that form.
 */
export function parseFilter(text: string): Predicate {
  const reader = readTokens(text);
  if (reader.peek() === undefined) {
    return () => true;
  }
  const predicate = readExpression(reader);
  const rest = reader.peek();
  if (rest !== undefined) {
    throw filterError(rest.position, `unexpected "${rest.text}"`);
  }
  return predicate;
}

function readExpression(reader: TokenReader): Predicate {
  const parts = [readFactor(reader)];
  for (;;) {
    const isJoined = reader.takeIf("keyword", "AND");
    const next = reader.peek();
    if (!isJoined && (next === undefined || next.kind === "close")) {
      return (record) => parts.every((part) => part(record));
    }
    parts.push(readFactor(reader));
  }
}

function readFactor(reader: TokenReader): Predicate {
  const parts = [readTerm(reader)];
  while (reader.takeIf("keyword", "OR")) {
    parts.push(readTerm(reader));
  }
  return (record) => parts.some((part) => part(record));
}

function readTerm(reader: TokenReader): Predicate {
  const isNegated = reader.takeIf("keyword", "NOT") || reader.takeIf("minus");
  const simple = reader.takeIf("open") ? readGroup(reader) : readComparison(reader);
  return isNegated ? (record) => !simple(record) : simple;
}

function readGroup(reader: TokenReader): Predicate {
  const inner = readExpression(reader);
  const end = reader.take();
  if (end.kind !== "close") {
    throw filterError(end.position, 'expected ")"');
  }
  return inner;
}

function readComparison(reader: TokenReader): Predicate {
  const path = [tokenValue(takeName(reader))];
  while (reader.takeIf("dot")) {
    path.push(tokenValue(takeName(reader)));
  }
  if (reader.peek()?.kind !== "operator") {
    return hasText(path.join("."));
  }
  const operator = reader.take().text;
  const values = readValues(reader);
  return (record) =>
    values.some((value) => matches({ found: valuesAt(record, path), operator, value }));
}

/** The right side: one value, or `field:(a, b)` and `field:(a OR b)`, any of several. */
function readValues(reader: TokenReader): readonly string[] {
  if (!reader.takeIf("open")) {
    return [readValue(reader)];
  }
  const values = [readValue(reader)];
  while (!reader.takeIf("close")) {
    if (!reader.takeIf("comma")) {
      reader.takeIf("keyword", "OR");
    }
    values.push(readValue(reader));
  }
  return values;
}

/** One value; without quotes it goes on over dots and colons, as in `1.5` and `2026-11-20T10:00:00Z`. */
function readValue(reader: TokenReader): string {
  const sign = reader.takeIf("minus") ? "-" : "";
  const first = takeName(reader);
  let value = sign + tokenValue(first);
  let end = first.position + first.text.length;
  for (let next = reader.peek(); continuesValue(next, end); next = reader.peek()) {
    value += reader.take().text;
    const part = takeName(reader);
    value += tokenValue(part);
    end = part.position + part.text.length;
  }
  return value;
}

function continuesValue(token: Token | undefined, end: number): boolean {
  return token?.position === end && (token.kind === "dot" || token.text === ":");
}

function takeName(reader: TokenReader): Token {
  const token = reader.take();
  if (token.kind !== "word" && token.kind !== "string") {
    throw filterError(token.position, `expected a name or a value, but found "${token.text}"`);
  }
  return token;
}

/** A bare word matches a record that has it somewhere in one of its own texts. */
function hasText(word: string): Predicate {
  const wanted = word.toLowerCase();
  return (record) =>
    Object.values(record).some(
      (value) => typeof value === "string" && value.toLowerCase().includes(wanted),
    );
}
