import { z } from "zod";
import { asPromotionId, asReleaseId, environmentId, serviceId } from "../domain/ids.ts";
import type { EnvironmentId, PromotionId, ReleaseId, ServiceId } from "../domain/ids.ts";
import { accepted, refused } from "../domain/result.ts";
import { parseJson } from "./envelope.ts";
import { unreadable } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { boundedText } from "./text.ts";

/** What a button of a message asks for. Who presses it, and whether they may, the one who is asked finds out. */
export type ChatAction =
  | { readonly kind: "approve" | "reject"; readonly promotion: PromotionId }
  | {
      readonly kind: "promote";
      readonly service: ServiceId;
      readonly environment: EnvironmentId;
      readonly release: ReleaseId;
    }
  | {
      readonly kind: "roll-back";
      readonly service: ServiceId;
      readonly environment: EnvironmentId;
    };

/** A button as Slack carries it, there and back. Source: https://docs.slack.dev/reference/block-kit/block-elements/button-element */
export type ChatButton = { readonly actionId: string; readonly value: string };

/** No id is longer than those of Cloud Deploy. */
const ID_LENGTH_MAX = 63;

const name = boundedText(ID_LENGTH_MAX).min(1);

const Pressed = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["approve", "reject"]), promotion: name }),
  z.strictObject({
    kind: z.literal("promote"),
    service: name,
    environment: name,
    release: name,
  }),
  z.strictObject({ kind: z.literal("roll-back"), service: name, environment: name }),
]);

/** An action as its button carries it: the action's kind is the button's id, and its value what the action is about. */
export function toChatButton({ kind, ...about }: ChatAction): ChatButton {
  return { actionId: kind, value: JSON.stringify(about) };
}

/** Reads what a button asks for, by its id and its value. */
export function parseChatButton({ actionId, value }: ChatButton): Parsed<ChatAction> {
  const json = parseJson(value);
  if (!json.ok || typeof json.value !== "object" || json.value === null) {
    return refused("the button's value is not a JSON object");
  }
  const read = Pressed.safeParse({ ...json.value, kind: actionId });
  return read.success ? accepted(toAction(read.data)) : unreadable(read.error);
}

function toAction(read: z.infer<typeof Pressed>): ChatAction {
  switch (read.kind) {
    case "approve":
    case "reject":
      return { kind: read.kind, promotion: asPromotionId(read.promotion) };
    case "promote":
      return { kind: read.kind, ...toPlace(read), release: asReleaseId(read.release) };
    case "roll-back":
      return { kind: read.kind, ...toPlace(read) };
  }
}

type Place = { readonly service: ServiceId; readonly environment: EnvironmentId };

function toPlace(read: { readonly service: string; readonly environment: string }): Place {
  return { service: serviceId(read.service), environment: environmentId(read.environment) };
}
