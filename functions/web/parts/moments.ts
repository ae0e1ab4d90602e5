import { html } from "hono/html";
import { instant, readableText } from "../../../shared/domain/time.ts";
import type { Instant } from "../../../shared/domain/time.ts";
import type { Html } from "./html.ts";

const UNITS = [
  { unit: "day", ms: 86_400_000 },
  { unit: "hour", ms: 3_600_000 },
  { unit: "minute", ms: 60_000 },
  { unit: "second", ms: 1000 },
] as const;

const WORDS = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** A moment in words, such as `3 minutes ago`, with the exact one beside it. */
export function moment(time: string | Instant, now: Instant): Html {
  const at = typeof time === "string" ? Date.parse(time) : time;
  const exact = new Date(at).toISOString();
  return html`<time datetime="${exact}" title="${readableText(instant(at))}"
    >${toWords(at - now)}</time
  >`;
}

/** The same with the exact moment below it, for tables: whoever compares moments, or has nothing to point with, sees both. */
export function stamp(time: string | Instant, now: Instant): Html {
  const at = typeof time === "string" ? Date.parse(time) : time;
  const exact = readableText(instant(at)).replace(" UTC", "");
  return html`${moment(time, now)}
    <div class="label">${exact}</div>`;
}

/** How far away a moment is, in words; `distanceMs` is negative for what has been. */
export function toWords(distanceMs: number): string {
  const lengthMs = Math.abs(distanceMs);
  // Rounded before the unit is chosen, so that 59 minutes and 59 seconds are an hour.
  const found = UNITS.find(({ ms }) => Math.round(lengthMs / ms) >= 1 && lengthMs * 1.02 >= ms);
  return found === undefined
    ? "just now"
    : WORDS.format(Math.sign(distanceMs) * Math.round(lengthMs / found.ms), found.unit);
}

/** How long something took, such as `1 min 20 s`. */
export function lengthInWords(lengthMs: number): string {
  const seconds = Math.round(lengthMs / 1000);
  if (seconds === 0 && lengthMs > 0) {
    return "under 1 s";
  }
  const parts = [
    { count: Math.floor(seconds / 86_400), unit: "d" },
    { count: Math.floor(seconds / 3600) % 24, unit: "h" },
    { count: Math.floor(seconds / 60) % 60, unit: "min" },
    { count: seconds % 60, unit: "s" },
  ];
  const told = parts.filter(({ count }) => count > 0).slice(0, 2);
  return told.length === 0 ? "0 s" : told.map(({ count, unit }) => `${count} ${unit}`).join(" ");
}
