import {
  expectToken,
  filterError,
  readTokens,
  takeName,
  type TokenReader,
  tokenValue,
} from "../kit/filter-tokens.ts";
import { badRequest } from "../kit/google-error.ts";

/** Whether a message with these attributes passes a subscription's filter. */
export type Filter = (attributes: Readonly<Record<string, string>>) => boolean;

const FILTER_BYTES_MAX = 256;

/**
 * Reads a filter over attributes: `attributes:key`, `attributes.key = "v"`, `!=`,
 * `hasPrefix(attributes.key, "v")`, joined by AND or OR, negated by NOT or `-`. AND and OR only mix
 * in parentheses. The empty filter passes everything.
 * Source: https://cloud.google.com/pubsub/docs/subscription-message-filter
 * @throws GoogleError INVALID_ARGUMENT for what is no filter, or one of more than 256 bytes.
 */
export function parseFilter(text: string): Filter {
  if (Buffer.byteLength(text) > FILTER_BYTES_MAX) {
    throw badRequest("filter", `A filter has at most ${FILTER_BYTES_MAX} bytes`);
  }
  const reader = readTokens(text);
  if (reader.takeIf("")) {
    return () => true;
  }
  const filter = readExpression(reader);
  expectToken(reader, "");
  return filter;
}

function readExpression(reader: TokenReader): Filter {
  const terms = [readTerm(reader)];
  const joint = reader.peek().text === "OR" ? "OR" : "AND";
  while (reader.takeIf(joint)) {
    terms.push(readTerm(reader));
  }
  return joint === "AND"
    ? (attributes) => terms.every((term) => term(attributes))
    : (attributes) => terms.some((term) => term(attributes));
}

function readTerm(reader: TokenReader): Filter {
  if (reader.takeIf("NOT") || reader.takeIf("-")) {
    const negated = readTerm(reader);
    return (attributes) => !negated(attributes);
  }
  if (reader.takeIf("(")) {
    const inner = readExpression(reader);
    expectToken(reader, ")");
    return inner;
  }
  return reader.takeIf("hasPrefix") ? readPrefix(reader) : readComparison(reader);
}

function readPrefix(reader: TokenReader): Filter {
  expectToken(reader, "(");
  expectToken(reader, "attributes");
  expectToken(reader, ".");
  const key = tokenValue(takeName(reader));
  expectToken(reader, ",");
  const prefix = readQuoted(reader);
  expectToken(reader, ")");
  return (attributes) => valueOf(attributes, key)?.startsWith(prefix) ?? false;
}

function readComparison(reader: TokenReader): Filter {
  expectToken(reader, "attributes");
  if (reader.takeIf(":")) {
    const key = tokenValue(takeName(reader));
    return (attributes) => Object.hasOwn(attributes, key);
  }
  expectToken(reader, ".");
  const key = tokenValue(takeName(reader));
  const isNegated = reader.takeIf("!=");
  if (!isNegated) {
    expectToken(reader, "=");
  }
  const value = readQuoted(reader);
  return (attributes) => (valueOf(attributes, key) === value) !== isNegated;
}

/** Attributes come as plain objects, which also inherit things that are no attributes. */
function valueOf(attributes: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}

function readQuoted(reader: TokenReader): string {
  const token = reader.take();
  if (!/^["']/.test(token.text)) {
    throw filterError(token.position, `expected a quoted text, but found "${token.text}"`);
  }
  return tokenValue(token);
}
