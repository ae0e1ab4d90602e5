import type { Button } from "@slack/types";
import { z } from "zod";
import { parseJson } from "../../shared/wire/envelope.ts";
import { boundedText } from "../../shared/wire/text.ts";

/** The ids of our own buttons: to go on with what was shown, and to leave it. */
export const CONFIRM = "confirm";
/** The button by which somebody leaves it. */
export const DISMISS = "dismiss";

/** Source: https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const VALUE_LENGTH_MAX = 2000;

const Confirmed = z.object({
  text: boundedText(VALUE_LENGTH_MAX),
  /** What an approver was shown. */
  shown: boundedText(VALUE_LENGTH_MAX).optional(),
});

/** A command that somebody goes on with, and what they were shown of it. */
export type Confirmed = z.infer<typeof Confirmed>;

/** The buttons below what would happen; none where there is too much to carry. */
export function confirmButtons(
  verb: string,
  confirmed: Confirmed,
  isDangerous = false,
): readonly Button[] {
  const value = JSON.stringify(confirmed);
  return value.length > VALUE_LENGTH_MAX
    ? []
    : [
        {
          type: "button",
          action_id: CONFIRM,
          style: isDangerous ? "danger" : "primary",
          text: { type: "plain_text", text: verb },
          value,
        },
        {
          type: "button",
          action_id: DISMISS,
          text: { type: "plain_text", text: "Leave it" },
          value: "{}",
        },
      ];
}

/** Reads the value of the button by which somebody goes on; null when it is none of ours. */
export function readConfirmed(value: string): Confirmed | null {
  const json = parseJson(value);
  return (json.ok ? Confirmed.safeParse(json.value).data : undefined) ?? null;
}
