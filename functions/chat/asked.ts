import { accepted, refused } from "../../shared/domain/result.ts";
import { parseChatButton } from "../../shared/wire/chat-actions.ts";
import type { ChatAction } from "../../shared/wire/chat-actions.ts";
import type { Parsed } from "../../shared/wire/parsed.ts";
import { parseChatCommand, withReason } from "../../shared/wire/slack/command.ts";
import type { ChatCommand } from "../../shared/wire/slack/command.ts";
import type { SlackRequest } from "../../shared/wire/slack/request.ts";
import { CONFIRM, DISMISS, readConfirmed } from "./confirm.ts";
import { readCarried } from "./modal.ts";

/** What a request asks for, whichever way it came. */
export type Asked = {
  readonly kind: "asked";
  /** The command as it would be written; what a button or a modal asks for can be, too. */
  readonly text: string;
  readonly command: ChatCommand;
  readonly responseUrl: string;
  /** Whether somebody goes on with what they were shown. */
  readonly isConfirmed: boolean;
  /** What an approver was shown. */
  readonly shown: string | null;
  /** Whether the answer takes the place of the message with the button: one of ours to this person alone. */
  readonly replaces: boolean;
};

/** A request that asks for nothing more than to take away the message with the button. */
export type Dismissed = { readonly kind: "dismissed"; readonly responseUrl: string };

/** What a request asks for, or what is wrong with it. */
export function readAsked(
  request: Exclude<SlackRequest, { kind: "other" }>,
): Parsed<Asked | Dismissed> {
  switch (request.kind) {
    case "command":
      return toAsked(request.text, { responseUrl: request.responseUrl });
    case "button":
      return fromButton(request);
    case "reason": {
      const carried = readCarried(request.carried);
      return carried === null
        ? refused("the modal carries nothing that can be read")
        : toAsked(withReason(carried.text, request.reason), { responseUrl: carried.responseUrl });
    }
  }
}

function fromButton({
  actionId,
  value,
  responseUrl,
}: Extract<SlackRequest, { kind: "button" }>): Parsed<Asked | Dismissed> {
  if (actionId === DISMISS) {
    return accepted({ kind: "dismissed", responseUrl });
  }
  if (actionId === CONFIRM) {
    const confirmed = readConfirmed(value);
    return confirmed === null
      ? refused("the button carries nothing that can be read")
      : toAsked(confirmed.text, {
          responseUrl,
          isConfirmed: true,
          shown: confirmed.shown ?? null,
          replaces: true,
        });
  }
  const action = parseChatButton({ actionId, value });
  return action.ok ? toAsked(toText(action.value), { responseUrl }) : action;
}

/** What a button of a notice asks for, as the command that asks for the same. */
function toText(action: ChatAction): string {
  switch (action.kind) {
    case "approve":
    case "reject":
      return `${action.kind} ${action.promotion}`;
    case "promote":
      return `promote ${action.service} ${action.environment} ${action.release}`;
    case "roll-back":
      return `rollback ${action.service} ${action.environment}`;
  }
}

function toAsked(
  text: string,
  about: Pick<Asked, "responseUrl"> & Partial<Pick<Asked, "isConfirmed" | "shown" | "replaces">>,
): Parsed<Asked> {
  const command = parseChatCommand(text);
  return command.ok
    ? accepted({
        kind: "asked" as const,
        text,
        command: command.value,
        isConfirmed: false,
        shown: null,
        replaces: false,
        ...about,
      })
    : command;
}
