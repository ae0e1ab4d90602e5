/**
 * What does not stay in its place on a terminal: controls, line and paragraph separators, marks that turn
 * the direction of writing, what has no width, halves of characters. An emoji's own selector may stay.
 */
const UNSTEADY = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\u{FE0F}]]/gv;
const LINE_BREAK = /\r\n|[\n\v\f\r\u{85}\u{2028}\u{2029}]/gu;

const SHOWN_BREAK = "\u{23CE}";
const SHOWN_OTHER = "\u{FFFD}";
const HEXADECIMAL = 16;
const UNIT_DIGITS = 4;

/** The text as it can stand in a row of a terminal: a line break is shown as a sign, as is what moves or hides text. */
export function toRow(text: string): string {
  return text.replaceAll(LINE_BREAK, SHOWN_BREAK).replaceAll(UNSTEADY, SHOWN_OTHER);
}

/** JSON with the same value in which nothing moves or hides text, other than its own line feeds. */
export function toPlainJson(json: string): string {
  return json.replaceAll(UNSTEADY, (found) => (found === "\n" ? found : escapeUnits(found)));
}

function escapeUnits(text: string): string {
  return Array.from({ length: text.length }, (_, at) => {
    const unit = text.charCodeAt(at).toString(HEXADECIMAL).padStart(UNIT_DIGITS, "0");
    return String.raw`\u${unit}`;
  }).join("");
}
