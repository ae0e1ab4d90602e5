import { html, raw } from "hono/html";
import type { Html } from "../../kit/bare-page.ts";
import type { TextObject } from "../block-rules.ts";
import type { SlackState } from "../state.ts";

/** Nothing. */
export const NOTHING: Html = html``;

/** The emoji that Slipway writes, of those that have a name. Source: https://unicode.org/emoji/charts/full-emoji-list.html */
const EMOJI: ReadonlyMap<string, string> = new Map([
  ["white_check_mark", "✅"],
  ["x", "❌"],
  ["rotating_light", "🚨"],
  ["hourglass_flowing_sand", "⏳"],
  ["leftwards_arrow_with_hook", "↩️"],
  ["arrow_forward", "▶️"],
  ["heavy_minus_sign", "➖"],
  ["no_entry_sign", "🚫"],
]);

/** Shows a text object. */
export function showText({ type, text }: TextObject, state: SlackState): Html {
  return type === "mrkdwn" ? showMrkdwn(text, state) : html`${withEmoji(text)}`;
}

/**
 * Shows a text with Slack's marks.
 * Source: https://docs.slack.dev/messaging/formatting-message-text
 */
export function showMrkdwn(text: string, state: SlackState): Html {
  const parts = text.split(/(`[^`\n]+`)/);
  return html`${raw(parts.map((part) => showPart(part, state)).join(""))}`;
}

function showPart(part: string, state: SlackState): string {
  if (part.startsWith("`") && part.endsWith("`") && part.length > 2) {
    return `<code>${shown(part.slice(1, -1))}</code>`;
  }
  // Marks go around links and mentions, too: these are put in where they were once the marks are known.
  const links: string[] = [];
  const held = part.replaceAll(PLACE, "").replaceAll(/<([^<>\n]+)>/g, (_, inner: string) => {
    links.push(showLink(inner, state));
    return `${PLACE}${links.length - 1}${PLACE}`;
  });
  return marked(held).replaceAll(PLACES, (_, index: string) => links[Number(index)] ?? "");
}

/** A sign that no text has: of Unicode's private ones. */
const PLACE = "\uE000";
const PLACES = new RegExp(`${PLACE}(\\d+)${PLACE}`, "g");

/** Bold text and lines. */
function marked(text: string): string {
  return shown(withEmoji(text))
    .replaceAll(
      /(^|[\s(])\*([^\s*](?:[^*\n]*[^\s*])?)\*(?=$|[\s).,:;!?])/g,
      "$1<strong>$2</strong>",
    )
    .replaceAll("\n", "<br>");
}

function showLink(inner: string, state: SlackState): string {
  const [target = "", label = ""] = inner.split("|", 2);
  if (/^(?:https?:\/\/|mailto:)/.test(target)) {
    const text = label === "" ? target : label;
    return `<a href="${shown(target)}" rel="noreferrer">${shown(text)}</a>`;
  }
  if (target.startsWith("!date^")) {
    return shown(label);
  }
  const name = nameOf(target, state);
  return name === null ? shown(`<${inner}>`) : mention(label === "" ? name : label);
}

/** What a mention mentions: a person, or many at once; null where it is none. */
function nameOf(target: string, { people }: SlackState): string | null {
  const id = target.slice(1);
  if (target.startsWith("@")) {
    return `@${people.get(id)?.name ?? id}`;
  }
  return target.startsWith("!") ? `@${id}` : null;
}

function mention(text: string): string {
  return `<span class="mention">${shown(text)}</span>`;
}

function withEmoji(text: string): string {
  return text.replaceAll(/:([a-z_]+):/g, (whole, name: string) => EMOJI.get(name) ?? whole);
}

/** A text as HTML has it. Slack's texts write three signs in their own way, which is HTML's. */
function shown(text: string): string {
  return text
    .replaceAll(/&(?!(?:amp|lt|gt);)/g, "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
