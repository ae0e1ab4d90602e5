import { badRequest } from "../kit/google-error.ts";

/** Whether a message with these attributes passes a subscription's filter. */
export type Filter = (attributes: Readonly<Record<string, string>>) => boolean;

type Token = { readonly kind: "word" | "text" | "symbol"; readonly value: string };
type Cursor = { readonly tokens: readonly Token[]; position: number };

const FILTER_BYTES_MAX = 256;
const TOKEN = /\s*(?:(?<text>"(?:[^"\\]|\\.)*")|(?<word>[\w-]+)|(?<symbol>!=|[=:.,()]))/uy;
const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)/gu;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/**
 * Reads a filter over attributes: `attributes:key`, `attributes.key = "v"`, `!=`,
 * `hasPrefix(attributes.key, "v")`, joined by AND or OR, negated by NOT. AND and OR only mix in
 * parentheses. The empty filter passes everything.
 * Source: https://cloud.google.com/pubsub/docs/subscription-message-filter
 * @throws GoogleError INVALID_ARGUMENT for what is no filter, or one of more than 256 bytes.
 */
export function parseFilter(text: string): Filter {
  if (text.trim() === "") {
    return () => true;
  }
  if (Buffer.byteLength(text) > FILTER_BYTES_MAX) {
    throw badRequest("filter", `A filter has at most ${FILTER_BYTES_MAX} bytes`);
  }
  const cursor: Cursor = { tokens: tokenize(text), position: 0 };
  const filter = parseExpression(cursor);
  if (cursor.position < cursor.tokens.length) {
    throw invalid("the end of the filter", cursor);
  }
  return filter;
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const source = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const start = TOKEN.lastIndex;
    const groups = TOKEN.exec(source)?.groups;
    if (groups === undefined) {
      throw badRequest(
        "filter",
        `Invalid filter: cannot read ${JSON.stringify(source.slice(start))}`,
      );
    }
    if (groups["text"] !== undefined) {
      tokens.push({ kind: "text", value: unescape(groups["text"].slice(1, -1)) });
    } else if (groups["word"] === undefined) {
      tokens.push({ kind: "symbol", value: groups["symbol"] ?? "" });
    } else {
      tokens.push({ kind: "word", value: groups["word"] });
    }
  }
  return tokens;
}

function unescape(text: string): string {
  return text.replace(ESCAPE, (escape: string) => {
    const code = /^\\[xu](?<digits>[0-9a-fA-F]+)$/u.exec(escape)?.groups?.["digits"];
    if (code !== undefined) {
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    return ESCAPED[escape.slice(1)] ?? escape.slice(1);
  });
}

function parseExpression(cursor: Cursor): Filter {
  const terms = [parseTerm(cursor)];
  const joint = peek(cursor);
  if (joint !== "AND" && joint !== "OR") {
    return (attributes) => terms.every((term) => term(attributes));
  }
  while (peek(cursor) === joint) {
    cursor.position += 1;
    terms.push(parseTerm(cursor));
  }
  return joint === "AND"
    ? (attributes) => terms.every((term) => term(attributes))
    : (attributes) => terms.some((term) => term(attributes));
}

function parseTerm(cursor: Cursor): Filter {
  const next = take(cursor, ["word", "symbol"]);
  switch (next) {
    case "NOT": {
      const negated = parseTerm(cursor);
      return (attributes) => !negated(attributes);
    }
    case "(": {
      const inner = parseExpression(cursor);
      expect(cursor, ")");
      return inner;
    }
    case "hasPrefix":
      return parsePrefix(cursor);
    case "attributes":
      return parseComparison(cursor);
    default:
      cursor.position -= 1;
      throw invalid("a condition on attributes", cursor);
  }
}

function parsePrefix(cursor: Cursor): Filter {
  expect(cursor, "(");
  expect(cursor, "attributes");
  expect(cursor, ".");
  const key = take(cursor, ["word", "text"]);
  expect(cursor, ",");
  const prefix = take(cursor, ["text"]);
  expect(cursor, ")");
  return (attributes) => valueOf(attributes, key)?.startsWith(prefix) ?? false;
}

function parseComparison(cursor: Cursor): Filter {
  const symbol = take(cursor, ["symbol"]);
  const key = take(cursor, ["word", "text"]);
  if (symbol === ":") {
    return (attributes) => Object.hasOwn(attributes, key);
  }
  if (symbol !== ".") {
    throw badRequest("filter", "Invalid filter: expected . or : after attributes");
  }
  const operator = take(cursor, ["symbol"]);
  const value = take(cursor, ["text"]);
  if (operator !== "=" && operator !== "!=") {
    throw badRequest("filter", "Invalid filter: expected = or != after a key");
  }
  return (attributes) => (valueOf(attributes, key) === value) === (operator === "=");
}

/** Attributes come as plain objects, which also inherit things that are no attributes. */
function valueOf(attributes: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}

function peek(cursor: Cursor): string | undefined {
  const token = cursor.tokens[cursor.position];
  return token?.kind === "text" ? undefined : token?.value;
}

function take(cursor: Cursor, kinds: readonly Token["kind"][]): string {
  const token = cursor.tokens[cursor.position];
  if (token === undefined || !kinds.includes(token.kind)) {
    throw invalid(kinds.join(" or "), cursor);
  }
  cursor.position += 1;
  return token.value;
}

function expect(cursor: Cursor, value: string): void {
  if (peek(cursor) !== value) {
    throw invalid(value, cursor);
  }
  cursor.position += 1;
}

function invalid(expected: string, cursor: Cursor): Error {
  const found = cursor.tokens[cursor.position]?.value ?? "its end";
  return badRequest("filter", `Invalid filter: expected ${expected}, found ${found}`);
}
