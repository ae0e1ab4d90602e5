import { badRequest, type GoogleError } from "./google-error.ts";

/** The longest filter that is read. Cloud Logging's is the longest that Google documents: https://cloud.google.com/logging/quotas */
const FILTER_LENGTH_MAX = 20_000;

/** How deep its parentheses may be nested. */
const FILTER_NESTING_MAX = 50;

/** A quoted text, an operator or mark, or a word, after any spaces. */
const PIECE =
  /\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[!<>]=|[=<>:().,]|-(?=[A-Za-z_("'])|[^\s"'()=!<>:.,]+)/y;

/** What is neither a name nor a value; the end of the filter is among it. */
const MARK = /^(?:[().,-]?|AND|OR|NOT|[!<>]?=|[<>:])$/;

/** One piece of a filter's text; empty at its end. */
export type Token = { readonly text: string; readonly position: number };

/** Walks over the tokens of one filter. */
export type TokenReader = {
  readonly peek: () => Token;
  readonly take: () => Token;
  /** Takes the next token if it says exactly that. */
  readonly takeIf: (text: string) => boolean;
};

/**
 * Cuts a filter into its pieces.
 * @throws GoogleError INVALID_ARGUMENT where nothing fits, such as at a quote that is not closed, and for a filter that
 * is too long or nested too deep.
 */
export function readTokens(filter: string): TokenReader {
  const text = filter.trimEnd();
  if (text.length > FILTER_LENGTH_MAX) {
    throw badRequest("filter", `A filter has at most ${FILTER_LENGTH_MAX} characters`);
  }
  const end: Token = { text: "", position: text.length };
  const tokens: Token[] = [];
  let depth = 0;
  for (PIECE.lastIndex = 0; PIECE.lastIndex < text.length;) {
    const start = PIECE.lastIndex;
    const piece = PIECE.exec(text)?.[1];
    if (piece === undefined) {
      throw filterError(start, `unexpected "${text.slice(start).trimStart().charAt(0)}"`);
    }
    const token = { text: piece, position: PIECE.lastIndex - piece.length };
    tokens.push(token);
    depth += Number(piece === "(") - Number(piece === ")");
    if (depth > FILTER_NESTING_MAX) {
      throw filterError(token.position, "nested too deep");
    }
  }
  let index = 0;
  const peek = (): Token => tokens[index] ?? end;
  const take = (): Token => {
    const token = peek();
    index += 1;
    return token;
  };
  return {
    peek,
    take,
    takeIf: (wanted) => {
      const isMeant = peek().text === wanted;
      index += isMeant ? 1 : 0;
      return isMeant;
    },
  };
}

/** The refusal of a filter, naming the place. */
export function filterError(position: number, reason: string): GoogleError {
  return badRequest("filter", `Invalid filter at position ${position}: ${reason}`);
}

/** Takes the next token, which has to say exactly that. */
export function expectToken(reader: TokenReader, wanted: string): void {
  const { text, position } = reader.take();
  if (text !== wanted) {
    throw filterError(position, `expected ${shown(wanted)}, but found ${shown(text)}`);
  }
}

function shown(text: string): string {
  return text === "" ? "its end" : `"${text}"`;
}

/** Takes a name or a value, quoted or not. */
export function takeName(reader: TokenReader): Token {
  const token = reader.take();
  if (MARK.test(token.text)) {
    throw filterError(token.position, `expected a name or a value, but found ${shown(token.text)}`);
  }
  return token;
}

/** What a token stands for: a quoted text without its quotes, anything else as it is. */
export function tokenValue({ text }: Token): string {
  return /^["']/.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/g, "$1") : text;
}
