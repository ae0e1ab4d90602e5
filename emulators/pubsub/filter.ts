import {
  expectToken,
  filterError,
  readTokens,
  takeName,
  type TokenReader,
  tokenValue,
} from "../kit/filter-tokens.ts";
import { badRequest, googleError } from "../kit/google-error.ts";

/** Whether a message with these attributes passes a subscription's filter. */
export type Filter = (attributes: Readonly<Record<string, string>>) => boolean;

const FILTER_BYTES_MAX = 256;

/** What else a filter may have, and no subscription to Slipway's messages needs. */
const NOT_EMULATED = new Set(["NOT", "(", "hasPrefix", "OR", "!="]);

/**
 * Reads a filter over attributes: `attributes:key` and `attributes.key = "v"`, joined by AND. The empty filter passes
 * everything.
 * Source: https://cloud.google.com/pubsub/docs/subscription-message-filter
 * @throws GoogleError INVALID_ARGUMENT for what is no filter, or one of more than 256 bytes, UNIMPLEMENTED
 */
export function parseFilter(text: string): Filter {
  if (Buffer.byteLength(text) > FILTER_BYTES_MAX) {
    throw badRequest("filter", `A filter has at most ${FILTER_BYTES_MAX} bytes`);
  }
  const reader = readTokens(text);
  if (reader.takeIf("")) {
    return () => true;
  }
  const terms = [readTerm(reader)];
  while (reader.takeIf("AND")) {
    terms.push(readTerm(reader));
  }
  expect(reader, "");
  return (attributes) => terms.every((term) => term(attributes));
}

/** Attributes come as plain objects, which also inherit things that are no attributes. */
function readTerm(reader: TokenReader): Filter {
  expect(reader, "attributes");
  const isPresence = reader.takeIf(":");
  if (!isPresence) {
    expectToken(reader, ".");
  }
  const key = tokenValue(takeName(reader));
  if (isPresence) {
    return (attributes) => Object.hasOwn(attributes, key);
  }
  expect(reader, "=");
  const value = reader.take();
  if (!/^["']/.test(value.text)) {
    throw filterError(value.position, `expected a quoted text, but found "${value.text}"`);
  }
  const wanted = tokenValue(value);
  return (attributes) => Object.hasOwn(attributes, key) && attributes[key] === wanted;
}

function expect(reader: TokenReader, wanted: string): void {
  const { text } = reader.peek();
  if (NOT_EMULATED.has(text)) {
    throw googleError("UNIMPLEMENTED", `The emulator does not implement ${text} in a filter.`);
  }
  expectToken(reader, wanted);
}
