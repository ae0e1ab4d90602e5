import type { ActionsBlock, Button, KnownBlock } from "@slack/types";
import type { Card, CardAction } from "../domain/notices/card.ts";
import type { PromotionState } from "../domain/promotion.ts";
import { shorten } from "../domain/text.ts";
import type { NoticeMessage } from "../ports/notices.ts";
import { toChatButton } from "../wire/chat-actions.ts";
import { plainForSlack } from "./slack-text.ts";

/** A message as Slack takes it: the blocks, and the text that stands for them in notifications. */
export type SlackContent = { readonly text: string; readonly blocks: KnownBlock[] };

/**
 * The longest text of a section. Escaping may make a text five times as long, so what is shown is cut before.
 * Source: https://docs.slack.dev/reference/block-kit/blocks/section-block
 */
const SHOWN_LENGTH_MAX = 600;

/** How many of those who are asked are named; the others are counted. */
const ASKED_MAX = 10;

const SIGNS: Readonly<Record<PromotionState, string>> = {
  WAITING: ":hourglass_flowing_sand:",
  RUNNING: ":arrow_forward:",
  SUCCEEDED: ":white_check_mark:",
  FAILED: ":x:",
  CANCELLED: ":heavy_minus_sign:",
  REJECTED: ":no_entry_sign:",
  SUPERSEDED: ":heavy_minus_sign:",
  ROLLED_BACK: ":leftwards_arrow_with_hook:",
};

const LABELS: Readonly<Record<CardAction["kind"], string>> = {
  approve: "Approve",
  reject: "Reject",
  promote: "Promote",
  "roll-back": "Roll back",
};

/** How somebody is called in Slack: a mention where Slack knows the address, else the address. */
export type Mention = (principal: string) => string;

/** A conversation's first message: how a promotion stands now, or what happened. */
export function firstMessage(message: NoticeMessage, mention: Mention): SlackContent {
  const { card } = message;
  return card === null ? reply(message, mention) : cardContent(message, card, mention);
}

/** What happened, in a message of its own. */
export function reply(
  { notice, title, page, card, thread }: NoticeMessage,
  mention: Mention,
): SlackContent {
  const loud = notice.kind === "break-glass" ? ":rotating_light: <!here> " : "";
  const text = shown(notice.text);
  const asked = notice.kind === "waiting" && card !== null ? askedText(card, mention) : "";
  const about = thread === null || card === null ? `${linked(title, page)} ` : "";
  return {
    text: `${title}: ${text}`,
    blocks: [section(`${loud}${about}${text}${asked === "" ? "" : `\n${asked}`}`)],
  };
}

function cardContent(message: NoticeMessage, card: Card, mention: Mention): SlackContent {
  const { headline, why, steps, requestedBy, reason, state } = card;
  const asked = askedText(card, mention);
  const because = reason === null ? "" : `: ${shown(reason)}`;
  const lines = [
    `${SIGNS[state]} *${linked(card.title, message.page)}* ${plainForSlack(headline)}`,
    ...(why === "" ? [] : [shown(why)]),
    ...(asked === "" ? [] : [asked]),
  ];
  return {
    text: `${card.title} ${headline}`,
    blocks: [
      section(lines.join("\n")),
      {
        type: "context",
        elements: [
          { type: "mrkdwn", text: plainForSlack(steps) },
          { type: "mrkdwn", text: `asked for by ${mention(requestedBy)}${because}` },
        ],
      },
      ...buttons(card.actions),
    ],
  };
}

/** Who is asked to approve, by their names; empty where nobody is. */
function askedText({ asked }: Card, mention: Mention): string {
  const named = asked.slice(0, ASKED_MAX).map(mention);
  const more = asked.length > named.length ? ` and ${asked.length - named.length} more` : "";
  return named.length === 0 ? "" : `Please approve: ${named.join(", ")}${more}`;
}

function buttons(actions: readonly CardAction[]): ActionsBlock[] {
  return actions.length === 0 ? [] : [{ type: "actions", elements: actions.map(button) }];
}

function button(action: CardAction): Button {
  const { actionId, value } = toChatButton(action);
  const place = action.kind === "promote" ? ` to ${action.environment}` : "";
  const label: Button = {
    type: "button",
    action_id: actionId,
    value,
    text: {
      type: "plain_text",
      text: shorten(`${LABELS[action.kind]}${place}`, BUTTON_LENGTH_MAX),
    },
  };
  if (action.kind === "approve") {
    return { ...label, style: "primary" };
  }
  return action.kind === "reject" || action.kind === "roll-back"
    ? { ...label, style: "danger" }
    : label;
}

/** Source: https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const BUTTON_LENGTH_MAX = 75;

function section(text: string): KnownBlock {
  return { type: "section", text: { type: "mrkdwn", text } };
}

function shown(text: string): string {
  return plainForSlack(shorten(text, SHOWN_LENGTH_MAX));
}

function linked(title: string, page: string | null): string {
  const text = plainForSlack(title);
  return page === null ? text : `<${page}|${text}>`;
}
