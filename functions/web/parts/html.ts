import { html } from "hono/html";
import { toRow } from "../../../shared/wire/plain-text.ts";

/** A piece of a page. Every value that is put into one is escaped. */
export type Html = ReturnType<typeof html>;

/** Nothing. */
export const NOTHING: Html = html``;

/** Texts up to this length stay in one piece: a name that is broken reads as two. */
const WHOLE_LENGTH_MAX = 28;

/**
 * A text from outside in a line of its own direction. What would move, turn or hide other text is shown as a sign.
 */
export function plain(text: string): Html {
  if (text === "") {
    return NOTHING;
  }
  return text.length <= WHOLE_LENGTH_MAX
    ? html`<bdi class="whole">${toRow(text)}</bdi>`
    : html`<bdi>${toRow(text)}</bdi>`;
}

/** A text from outside as the value of an attribute. */
export function plainText(text: string): string {
  return toRow(text);
}

/** A name such as a release's, in a typeface whose letters are told apart. */
export function code(text: string): Html {
  return html`<code>${plain(text)}</code>`;
}
