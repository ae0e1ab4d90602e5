import { TemplateError } from "./template-error.ts";

const PLAIN: ReadonlyMap<string, string> = new Map([
  ["a", "\u{7}"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
  ["\\", "\\"],
  ['"', '"'],
]);

const ESCAPE =
  /\\(?:x(?<byte>[\dA-Fa-f]{2})|u(?<short>[\dA-Fa-f]{4})|U(?<long>[\dA-Fa-f]{8})|(?<octal>[0-7]{3})|(?<plain>[\s\S]))/g;
const HEXADECIMAL = 16;
const OCTAL = 8;
const ASCII_MAX = 0x7f;
const CODE_POINT_MAX = 0x10_ff_ff;

/**
 * The text of a literal in double quotes, read as Go reads it.
 * Source: https://go.dev/ref/spec#String_literals
 * @throws TemplateError at an escape that Go does not know, and at a byte that is no character by itself.
 */
export function unquote(literal: string, offset: number): string {
  const inner = literal.slice(1, -1);
  let text = "";
  let position = 0;
  for (const found of inner.matchAll(ESCAPE)) {
    const character = characterOf(found.groups ?? {});
    if (character === null) {
      throw new TemplateError(offset + 1 + found.index, `${found[0]} is no escape of a character`);
    }
    text += inner.slice(position, found.index) + character;
    position = found.index + found[0].length;
  }
  return text + inner.slice(position);
}

type Escape = Readonly<Record<string, string | undefined>>;

function characterOf({ byte, short, long, octal, plain }: Escape): string | null {
  if (plain !== undefined) {
    return PLAIN.get(plain) ?? null;
  }
  if (octal !== undefined) {
    return asciiOf(Number.parseInt(octal, OCTAL));
  }
  if (byte !== undefined) {
    return asciiOf(Number.parseInt(byte, HEXADECIMAL));
  }
  const code = Number.parseInt(short ?? long ?? "", HEXADECIMAL);
  const isSurrogate = code >= 0xd8_00 && code <= 0xdf_ff;
  return code <= CODE_POINT_MAX && !isSurrogate ? String.fromCodePoint(code) : null;
}

/** A byte beyond ASCII is a part of a character. */
function asciiOf(code: number): string | null {
  return code <= ASCII_MAX ? String.fromCodePoint(code) : null;
}
