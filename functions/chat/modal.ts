import type { ModalView } from "@slack/types";
import { z } from "zod";
import { parseJson } from "../../shared/wire/envelope.ts";
import { CHAT_REASON_LENGTH_MAX } from "../../shared/wire/slack/command.ts";
import { REASON_FIELD } from "../../shared/wire/slack/request.ts";
import { boundedText } from "../../shared/wire/text.ts";

/** Source: https://docs.slack.dev/reference/views/modal-views */
const CARRIED_LENGTH_MAX = 3000;

const Carried = z.object({
  text: boundedText(CARRIED_LENGTH_MAX),
  responseUrl: boundedText(CARRIED_LENGTH_MAX),
});

/** What a modal carries: the command that lacks a reason, and where it is answered. */
type Carried = z.infer<typeof Carried>;

/** The modal that asks why. */
export function reasonModal(verb: string, carried: Carried): ModalView {
  const title = `${verb.slice(0, 1).toUpperCase()}${verb.slice(1)}`;
  // A rollback is shown first; what else needs a reason is done at once.
  const submit = verb === "rollback" ? "Show what would happen" : title;
  return {
    type: "modal",
    title: { type: "plain_text", text: title },
    submit: { type: "plain_text", text: submit },
    close: { type: "plain_text", text: "Leave it" },
    private_metadata: JSON.stringify(carried),
    blocks: [
      { type: "section", text: { type: "plain_text", text: `/slipway ${carried.text}` } },
      {
        type: "input",
        block_id: REASON_FIELD.block,
        label: { type: "plain_text", text: "Why" },
        hint: { type: "plain_text", text: "It goes on the record under your name." },
        element: {
          type: "plain_text_input",
          action_id: REASON_FIELD.action,
          multiline: true,
          max_length: CHAT_REASON_LENGTH_MAX,
        },
      },
    ],
  };
}

/** Reads what a modal carries; null when it is none of ours. */
export function readCarried(text: string): Carried | null {
  const json = parseJson(text);
  return (json.ok ? Carried.safeParse(json.value).data : undefined) ?? null;
}
