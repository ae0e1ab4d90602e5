import { TemplateError } from "./template-error.ts";

/** A word of an action: what it is, its text, and where it starts in the value. */
export type Token = {
  readonly kind: "field" | "word" | "string" | "raw" | "number" | "mark";
  readonly text: string;
  readonly offset: number;
  /** Whether space, or a bracket or bar, stands before it: operands that touch are no operands. */
  readonly isApart: boolean;
};

/** A value cut into what is written as it is, and what is between braces. */
export type Piece =
  | { readonly kind: "text"; readonly text: string; readonly offset: number }
  | { readonly kind: "action"; readonly tokens: readonly Token[]; readonly offset: number };

const COMMENT = /\/\*[\s\S]*?\*\/(?<end>[ \t\r\n]-\}\}|\}\})/y;
const SPACE = /[ \t\r\n]+/y;
const TRIM_BEFORE = /-[ \t\r\n]/y;
const CLOSE = /[ \t\r\n]-\}\}|\}\}/y;
const LAST_CLOSE = /[ \t\r\n]+-\}\}/y;
const TOKENS: readonly (readonly [Token["kind"], RegExp])[] = [
  ["string", /"(?:\\[^\n]|[^"\\\n])*"/y],
  ["raw", /`[^`]*`/y],
  ["field", /\.\w*(?:\.\w+)*/y],
  ["number", /[+-]?\d+(?![\w.])/y],
  ["word", /[A-Za-z_]\w*/y],
  ["mark", /[|()]/y],
];

type Reader = { readonly text: string; position: number };

/**
 * Cuts a value as Go's templates do: `{{-` and `-}}` take the space on their side away, comments are nothing.
 * Source: https://pkg.go.dev/text/template#hdr-Text_and_spaces
 * @throws TemplateError where a brace or a quotation mark is not closed, and at what is no word of an action.
 */
export function cutTemplate(text: string): readonly Piece[] {
  const reader: Reader = { text, position: 0 };
  const pieces: Piece[] = [];
  let isTrimmed = false;
  while (reader.position < text.length) {
    const offset = reader.position;
    const open = text.indexOf("{{", offset);
    const written = text.slice(offset, open < 0 ? undefined : open);
    reader.position = open < 0 ? text.length : open + "{{".length;
    const trimsBefore = open >= 0 && take(reader, TRIM_BEFORE) !== null;
    const begun = isTrimmed ? written.replace(/^[ \t\r\n]+/, "") : written;
    const kept = trimsBefore ? begun.slice(0, begun.length - trailingSpace(begun)) : begun;
    if (kept !== "") {
      pieces.push({ kind: "text", text: kept, offset: offset + written.length - begun.length });
    }
    if (open >= 0) {
      const action = readAction(reader, open);
      isTrimmed = action.trimsAfter;
      pieces.push(
        ...(action.tokens === null
          ? []
          : [{ kind: "action", tokens: action.tokens, offset: open } as const]),
      );
    }
  }
  return pieces;
}

/** Counted by hand: a pattern that is tied to the end looks at every run of spaces again. */
function trailingSpace(text: string): number {
  let start = text.length;
  while (start > 0 && " \t\r\n".includes(text.charAt(start - 1))) {
    start -= 1;
  }
  return text.length - start;
}

type Action = { readonly tokens: readonly Token[] | null; readonly trimsAfter: boolean };

function readAction(reader: Reader, open: number): Action {
  if (reader.text.startsWith("/*", reader.position)) {
    const comment = take(reader, COMMENT);
    if (comment === null) {
      throw new TemplateError(open, "a comment ends with */ and, right after it, the braces");
    }
    return { tokens: null, trimsAfter: comment.endsWith("-}}") };
  }
  const tokens: Token[] = [];
  for (;;) {
    const before = reader.position;
    if (take(reader, LAST_CLOSE) !== null) {
      return { tokens, trimsAfter: true };
    }
    take(reader, SPACE);
    const close = take(reader, CLOSE);
    if (close !== null) {
      return { tokens, trimsAfter: close.startsWith("-") };
    }
    if (reader.position >= reader.text.length) {
      throw new TemplateError(open, "the braces are not closed");
    }
    const isApart = reader.position > before || isMark(tokens.at(-1));
    tokens.push(readToken(reader, isApart));
  }
}

function isMark(token: Token | undefined): boolean {
  return token === undefined || token.kind === "mark";
}

function readToken(reader: Reader, isApart: boolean): Token {
  const offset = reader.position;
  for (const [kind, pattern] of TOKENS) {
    const text = take(reader, pattern);
    if (text !== null) {
      return { kind, text, offset, isApart: isApart || kind === "mark" };
    }
  }
  const found = JSON.stringify(String.fromCodePoint(reader.text.codePointAt(offset) ?? 0));
  throw new TemplateError(offset, `${found} has no meaning here`);
}

function take(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.position;
  const found = pattern.exec(reader.text)?.[0] ?? null;
  reader.position += found?.length ?? 0;
  return found;
}
