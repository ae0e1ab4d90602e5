import { badRequest, type GoogleError } from "./google-error.ts";

/** One piece of a filter's text. */
export type Token = {
  readonly kind:
    | "word"
    | "string"
    | "keyword"
    | "operator"
    | "open"
    | "close"
    | "minus"
    | "dot"
    | "comma";
  readonly text: string;
  readonly position: number;
};

/** Walks over the tokens of one filter. */
export type TokenReader = {
  readonly peek: () => Token | undefined;
  /** @throws GoogleError INVALID_ARGUMENT at the end. */
  readonly take: () => Token;
  /** Takes the next token if it is of that kind and, where a text is given, says exactly that. */
  readonly takeIf: (kind: Token["kind"], text?: string) => boolean;
};

/** The longest filter that is read. Cloud Logging's is the longest that Google documents: https://cloud.google.com/logging/quotas */
const FILTER_LENGTH_MAX = 20_000;

/** How deep its parentheses may be nested. */
const FILTER_NESTING_MAX = 50;

/** Tried in this order at each position. */
const PIECES: readonly (readonly [Token["kind"], RegExp])[] = [
  ["string", /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/y],
  ["operator", /!=|<=|>=|=|<|>|:/y],
  ["open", /\(/y],
  ["close", /\)/y],
  ["dot", /\./y],
  ["comma", /,/y],
  ["minus", /-(?=[A-Za-z_("'])/y],
  ["keyword", /(?:AND|OR|NOT)(?![^\s()"'])/y],
  ["word", /[^\s"'()=!<>:.,]+/y],
];

/**
 * Cuts a filter into its pieces.
 * @throws GoogleError INVALID_ARGUMENT where nothing fits, such as at a quote that is not closed, and for a filter that
 * is too long or nested too deep.
 */
export function readTokens(text: string): TokenReader {
  if (text.length > FILTER_LENGTH_MAX) {
    throw badRequest("filter", `A filter has at most ${FILTER_LENGTH_MAX} characters`);
  }
  const tokens = toTokens(text);
  checkNesting(tokens);
  let index = 0;
  return {
    peek: () => tokens[index],
    take: () => {
      const token = tokens[index];
      if (token === undefined) {
        throw filterError(text.length, "unexpected end");
      }
      index += 1;
      return token;
    },
    takeIf: (kind, wanted) => {
      const token = tokens[index];
      const isMeant = token?.kind === kind && (wanted === undefined || token.text === wanted);
      index += isMeant ? 1 : 0;
      return isMeant;
    },
  };
}

/** What a token stands for: a quoted string without its quotes, anything else as it is. */
export function tokenValue({ kind, text }: Token): string {
  return kind === "string" ? text.slice(1, -1).replaceAll(/\\(.)/g, "$1") : text;
}

/** The refusal of a filter, naming the place. */
export function filterError(position: number, reason: string): GoogleError {
  return badRequest("filter", `Invalid filter at position ${position}: ${reason}`);
}

function checkNesting(tokens: readonly Token[]): void {
  let depth = 0;
  for (const { kind, position } of tokens) {
    depth += Number(kind === "open") - Number(kind === "close");
    if (depth > FILTER_NESTING_MAX) {
      throw filterError(position, "nested too deep");
    }
  }
}

function toTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    if (/\s/.test(text.charAt(position))) {
      position += 1;
    } else {
      const token = readToken(text, position);
      tokens.push(token);
      position += token.text.length;
    }
  }
  return tokens;
}

function readToken(text: string, position: number): Token {
  for (const [kind, pattern] of PIECES) {
    pattern.lastIndex = position;
    const match = pattern.exec(text)?.[0];
    if (match !== undefined) {
      return { kind, text: match, position };
    }
  }
  throw filterError(position, `unexpected "${text.charAt(position)}"`);
}
