import type { Button, KnownBlock } from "@slack/types";
import { shorten } from "../../shared/domain/text.ts";
import { toRow } from "../../shared/wire/plain-text.ts";

/** What is said in answer: lines with Slack's marks, and buttons below them. */
export type Said = {
  readonly lines: readonly string[];
  readonly buttons?: readonly Button[];
};

/** Source: https://docs.slack.dev/reference/block-kit/blocks/section-block, with room for what is cut off */
const SECTION_LENGTH_MAX = 2900;

/** How many sections an answer has at most; a message takes 50 blocks. */
const SECTIONS_MAX = 8;

/** A text of somebody's own, in which nothing is a mark, a link or a mention, and nothing moves or hides. */
export function plain(text: string): string {
  return toRow(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** An id, a tag or a command, as it is written. */
export function code(text: string): string {
  return `\`${plain(text).replaceAll("`", "'")}\``;
}

/** A moment as the reader's own clock shows it. Source: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export function moment(time: string): string {
  const seconds = Math.floor(Date.parse(time) / 1000);
  return `<!date^${seconds}^{date_short_pretty} {time}|${time.slice(0, 16).replace("T", " ")} UTC>`;
}

/** A line that begins with a sign for what kind of thing it tells. */
export function bullet(line: string): string {
  return `• ${line}`;
}

/** What is said as a message: for who asked alone, whatever channel they are in. */
export function toMessage({ lines, buttons = [] }: Said): Readonly<Record<string, unknown>> {
  const sections = toSections(lines);
  const blocks: readonly KnownBlock[] = [
    ...sections.map((text): KnownBlock => ({ type: "section", text: { type: "mrkdwn", text } })),
    ...(buttons.length === 0 ? [] : [{ type: "actions" as const, elements: [...buttons] }]),
  ];
  return { response_type: "ephemeral", text: sections[0] ?? "", blocks };
}

/** Lines together in as few sections as take them; what is too much is left out, and that is said. */
function toSections(lines: readonly string[]): readonly string[] {
  const sections: string[] = [];
  for (const line of lines.map((text) => shorten(text, SECTION_LENGTH_MAX))) {
    const last = sections.at(-1);
    if (last !== undefined && last.length + line.length < SECTION_LENGTH_MAX) {
      sections[sections.length - 1] = `${last}\n${line}`;
    } else if (sections.length < SECTIONS_MAX) {
      sections.push(line);
    } else {
      return [...sections, "There is more than fits here; the pages have it all."];
    }
  }
  return sections;
}
