import { html } from "hono/html";
import { toRow } from "../../shared/wire/plain-text.ts";

/** A piece of a page. Every value that is put into one is escaped. */
export type Html = ReturnType<typeof html>;

/** Nothing. */
export const NOTHING: Html = html``;

/**
 * A text from outside in a line of its own direction. What would move, turn or hide other text is shown as a sign.
 */
export function plain(text: string): Html {
  return html`<bdi>${toRow(text)}</bdi>`;
}

/** A text from outside as the value of an attribute. */
export function plainText(text: string): string {
  return toRow(text);
}

/** A name such as a release's, in a typeface whose letters are told apart. */
export function code(text: string): Html {
  return html`<code>${plain(text)}</code>`;
}
