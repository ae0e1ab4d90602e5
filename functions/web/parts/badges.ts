import { html } from "hono/html";
import type { Html } from "./html.ts";

/** How something stands: each tone has a colour and a shape, and what it stands for is always said in a word too. */
export type Tone = "good" | "busy" | "wait" | "bad" | "stop" | "odd" | "none";

/** Paths in a square of 12 by 12: a disc, a turning half, a diamond, a triangle, a square, a cross, a ring. */
const SHAPES: Readonly<Record<Tone, string>> = {
  good: "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1z",
  busy: "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1zm0 1.6v6.8a3.4 3.4 0 0 1 0-6.8z",
  wait: "M6 .7 11.3 6 6 11.3.7 6z",
  bad: "M6 .8 11.6 11H.4z",
  stop: "M1.5 1.5h9v9h-9z",
  odd: "M2.6 1 6 4.4 9.4 1 11 2.6 7.6 6 11 9.4 9.4 11 6 7.6 2.6 11 1 9.4 4.4 6 1 2.6z",
  none: "M6 1a5 5 0 1 0 0 10A5 5 0 1 0 6 1zm0 1.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 1 1 0-7z",
};

/** How a state is called, and how it stands. */
export type Sign = { readonly tone: Tone; readonly word: string };

/** A state's word with the shape and the colour of its tone. */
export function sign({ tone, word }: Sign): Html {
  return badge(tone, word);
}

/** A word with the shape and the colour of a tone. */
export function badge(tone: Tone, word: string | Html): Html {
  return html`<span class="badge ${tone}"
    ><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d="${SHAPES[tone]}" /></svg
    ><span>${word}</span></span
  >`;
}
