import { z } from "zod";
import { accepted, refused } from "../../domain/result.ts";
import { parseJson } from "../envelope.ts";
import { unreadable } from "../parsed.ts";
import type { Parsed } from "../parsed.ts";
import { boundedText } from "../text.ts";

/** How long what people write, and what our own buttons and modals carry, may be. */
const TEXT_LENGTH_MAX = 4000;

/** The block and the field of the modal in which somebody says why. */
export const REASON_FIELD = { block: "reason", action: "text" } as const;

/** Who asks, and where they are answered. */
type Asker = {
  readonly team: string;
  readonly user: string;
  /** Opens a modal, for three seconds. */
  readonly trigger: string;
};

/** What Slack sends. */
export type SlackRequest =
  | (Asker & { readonly kind: "command"; readonly text: string; readonly responseUrl: string })
  | (Asker & {
      readonly kind: "button";
      readonly actionId: string;
      readonly value: string;
      readonly responseUrl: string;
    })
  | (Asker & {
      readonly kind: "reason";
      readonly reason: string;
      /** What the modal was opened with. */
      readonly carried: string;
    })
  /** Whatever nobody asked for: a view that was closed, a check of the connection. */
  | { readonly kind: "other"; readonly type: string };

const id = boundedText(64).min(1);
const text = boundedText(TEXT_LENGTH_MAX);

/** Source: https://docs.slack.dev/interactivity/implementing-slash-commands#app_command_handling */
const CommandForm = z.object({
  command: id,
  text: text.default(""),
  team_id: id,
  user_id: id,
  trigger_id: boundedText(),
  response_url: boundedText(),
});

const asker = {
  user: z.object({ id, team_id: id.optional() }),
  team: z.object({ id }).nullable().optional(),
  trigger_id: boundedText(),
};

/** Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
const Press = z.object({
  ...asker,
  type: z.literal("block_actions"),
  response_url: boundedText(),
  actions: z
    .tuple([z.object({ action_id: boundedText(), value: text.default("") })])
    .rest(z.unknown()),
});

/** Source: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
const Submission = z.object({
  ...asker,
  type: z.literal("view_submission"),
  view: z.object({
    private_metadata: text,
    state: z.object({
      values: z.object({
        [REASON_FIELD.block]: z.object({
          [REASON_FIELD.action]: z.object({ value: text.nullable() }),
        }),
      }),
    }),
  }),
});

const Interaction = z.discriminatedUnion("type", [Press, Submission]);

/** Reads the form that Slack sends: a command, or what somebody did with a message or a modal. */
export function parseSlackRequest(body: string): Parsed<SlackRequest> {
  const form = new Map(new URLSearchParams(body));
  const payload = form.get("payload");
  if (payload !== undefined) {
    return parseInteraction(payload);
  }
  if (form.has("ssl_check")) {
    return accepted({ kind: "other", type: "ssl_check" });
  }
  const read = CommandForm.safeParse(Object.fromEntries(form));
  if (!read.success) {
    return unreadable(read.error);
  }
  const { text: said, team_id, user_id, trigger_id, response_url } = read.data;
  const who = { team: team_id, user: user_id, trigger: trigger_id };
  return accepted({ kind: "command", ...who, text: said, responseUrl: response_url });
}

function parseInteraction(payload: string): Parsed<SlackRequest> {
  const json = parseJson(payload);
  if (!json.ok) {
    return refused("the payload is not JSON");
  }
  const type = z.object({ type: boundedText() }).safeParse(json.value).data?.type ?? "";
  if (type !== "block_actions" && type !== "view_submission") {
    return accepted({ kind: "other", type });
  }
  const read = Interaction.safeParse(json.value);
  return read.success ? accepted(toRequest(read.data)) : unreadable(read.error);
}

function toRequest(read: z.infer<typeof Interaction>): SlackRequest {
  const { user, team, trigger_id: trigger } = read;
  const who = { team: team?.id ?? user.team_id ?? "", user: user.id, trigger };
  if (read.type === "block_actions") {
    const [{ action_id: actionId, value }] = read.actions;
    return { kind: "button", ...who, actionId, value, responseUrl: read.response_url };
  }
  const { private_metadata: carried, state } = read.view;
  const reason = state.values[REASON_FIELD.block][REASON_FIELD.action].value ?? "";
  return { kind: "reason", ...who, reason: reason.trim(), carried };
}
