import { html } from "hono/html";
import { NOTHING, plainText } from "../parts/html.ts";
import type { Html } from "../parts/html.ts";
import { round } from "./scale.ts";

const WIDTH = 640;
const HEIGHT = 150;
const TOP = 20;
const BOTTOM = 22;
const LETTER_WIDTH = 6.2;

/** One bar: what it is about, how high it is (null: nothing is known), and its value in words. */
export type Bar = {
  readonly label: string;
  readonly value: number | null;
  readonly text: string;
};

/** A chart of upright bars from zero. What it says stands in the table beside it. */
export function barChart(title: string, bars: readonly Bar[]): Html {
  const most = Math.max(...bars.map(({ value }) => value ?? 0), Number.EPSILON);
  const step = WIDTH / Math.max(1, bars.length);
  const room = HEIGHT - TOP - BOTTOM;
  return html`<svg class="bars" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
    <line class="tick" x1="0" x2="${WIDTH}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}" />
    ${bars.map(({ label, value, text }, index) => {
      const height = value === null ? 0 : round((value / most) * room);
      const left = round(index * step + step * 0.15);
      const middle = round(index * step + step / 2);
      const top = round(HEIGHT - BOTTOM - height);
      return html`<g>
        <title>${plainText(label)}: ${text}</title>
        ${value === null ? NOTHING : html`<rect class="shade1" x="${left}" y="${top}" width="${round(step * 0.7)}" height="${height}" rx="2" />`}
        <text class="when" x="${middle}" y="${HEIGHT - 6}">${plainText(label)}</text>
        ${value === null ? NOTHING : html`<text class="when value" x="${within(middle, text)}" y="${round(top - 5)}">${text}</text>`}
      </g>`;
    })}
  </svg>`;
}

/** Where the middle of a text stands that should be above a bar, so that neither of its ends is cut off. */
function within(middle: number, text: string): number {
  const half = (text.length * LETTER_WIDTH) / 2;
  return round(Math.max(half, Math.min(WIDTH - half, middle)));
}
