import {
  filterError,
  readTokens,
  type Token,
  type TokenReader,
  tokenValue,
} from "../kit/filter-tokens.ts";
import { badRequest } from "../kit/google-error.ts";

/** Whether a message with these attributes passes a subscription's filter. */
export type Filter = (attributes: Readonly<Record<string, string>>) => boolean;

const FILTER_BYTES_MAX = 256;

/**
 * Reads a filter over attributes: `attributes:key`, `attributes.key = "v"`, `!=`,
 * `hasPrefix(attributes.key, "v")`, joined by AND or OR, negated by NOT. AND and OR only mix in
 * parentheses. The empty filter passes everything.
 * Source: https://cloud.google.com/pubsub/docs/subscription-message-filter
 * @throws GoogleError INVALID_ARGUMENT for what is no filter, or one of more than 256 bytes.
 */
export function parseFilter(text: string): Filter {
  if (Buffer.byteLength(text) > FILTER_BYTES_MAX) {
    throw badRequest("filter", `A filter has at most ${FILTER_BYTES_MAX} bytes`);
  }
  const reader = readTokens(text);
  if (reader.peek() === undefined) {
    return () => true;
  }
  const filter = readExpression(reader);
  const rest = reader.peek();
  if (rest !== undefined) {
    throw filterError(rest.position, `unexpected "${rest.text}"`);
  }
  return filter;
}

function readExpression(reader: TokenReader): Filter {
  const terms = [readTerm(reader)];
  const joint = reader.peek()?.text === "OR" ? "OR" : "AND";
  while (reader.takeIf("keyword", joint)) {
    terms.push(readTerm(reader));
  }
  return joint === "AND"
    ? (attributes) => terms.every((term) => term(attributes))
    : (attributes) => terms.some((term) => term(attributes));
}

function readTerm(reader: TokenReader): Filter {
  if (reader.takeIf("keyword", "NOT")) {
    const negated = readTerm(reader);
    return (attributes) => !negated(attributes);
  }
  if (reader.takeIf("open")) {
    const inner = readExpression(reader);
    expect(reader, "close");
    return inner;
  }
  return reader.takeIf("word", "hasPrefix") ? readPrefix(reader) : readComparison(reader);
}

function readPrefix(reader: TokenReader): Filter {
  expect(reader, "open");
  expect(reader, "word", "attributes");
  expect(reader, "dot");
  const key = readValue(reader, "word", "string");
  expect(reader, "comma");
  const prefix = readValue(reader, "string");
  expect(reader, "close");
  return (attributes) => valueOf(attributes, key)?.startsWith(prefix) ?? false;
}

function readComparison(reader: TokenReader): Filter {
  expect(reader, "word", "attributes");
  if (reader.takeIf("operator", ":")) {
    const key = readValue(reader, "word", "string");
    return (attributes) => Object.hasOwn(attributes, key);
  }
  expect(reader, "dot");
  const key = readValue(reader, "word", "string");
  const isNegated = reader.takeIf("operator", "!=");
  if (!isNegated) {
    expect(reader, "operator", "=");
  }
  const value = readValue(reader, "string");
  return (attributes) => (valueOf(attributes, key) === value) !== isNegated;
}

/** Attributes come as plain objects, which also inherit things that are no attributes. */
function valueOf(attributes: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}

function readValue(reader: TokenReader, ...kinds: readonly Token["kind"][]): string {
  const token = reader.take();
  if (!kinds.includes(token.kind)) {
    throw filterError(token.position, `expected a ${kinds.join(" or ")}, found "${token.text}"`);
  }
  return tokenValue(token);
}

function expect(reader: TokenReader, kind: Token["kind"], text?: string): void {
  if (!reader.takeIf(kind, text)) {
    const { position, text: found } = reader.take();
    throw filterError(position, `expected ${text ?? `a ${kind}`}, found "${found}"`);
  }
}
