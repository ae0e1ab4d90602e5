import { html } from "hono/html";
import { code, plainText } from "./html.ts";
import type { Html } from "./html.ts";

/** What is too long to be read: the digits of digests, hashes and commits. */
const DIGITS = /[0-9a-f]{12,}/g;

/** How many of them tell one from another on a page. */
const SHOWN_COUNT = 8;

/**
 * An id, digest, hash or commit. It is shown short, and is whole for whoever selects it, hears it or points at it.
 */
export function idText(text: string): Html {
  const told = plainText(text);
  const parts: Html[] = [];
  let at = 0;
  for (const { index, 0: digits } of told.matchAll(DIGITS)) {
    const end = index + digits.length;
    const cut = html`<span class="cut">${told.slice(index + SHOWN_COUNT, end)}</span>`;
    parts.push(html`${told.slice(at, index + SHOWN_COUNT)}${cut}`);
    at = end;
  }
  // A command has several words, and may be broken between them.
  const kind = told.includes(" ") ? "" : lengthKind(told);
  return html`<code title="${told}"><bdi class="${kind}">${parts}${told.slice(at)}</bdi></code>`;
}

/** Up to how many letters an id has that fits a line in the narrowest window. */
const SHORT_LENGTH = 24;

function lengthKind(told: string): string {
  const shown = told.replaceAll(DIGITS, (digits) => digits.slice(0, SHOWN_COUNT + 1));
  return shown.length <= SHORT_LENGTH ? "id short" : "id";
}

/** The same with a button that copies it, for those with scripts; `name` says what is copied, such as `the image of v3`. */
export function copyable(text: string, name: string = text): Html {
  return html`<span class="copyable">${idText(text)}${copyButton(text, name)}</span>`;
}

/** A tag, which people know as a whole, with a button that copies it. */
export function copyableTag(tag: string): Html {
  return html`<span class="copyable">${code(tag)}${copyButton(tag, tag)}</span>`;
}

/** A button that copies a text. It is shown where scripts run. */
export function copyButton(text: string, name: string): Html {
  return html`<button
    type="button"
    class="copy"
    value="${plainText(text)}"
    aria-label="Copy ${plainText(name)}"
  ></button>`;
}
