import { z } from "zod";
import { accepted } from "../../domain/result.ts";
import { parseJson } from "../envelope.ts";
import type { Message } from "../envelope.ts";
import { unreadable } from "../parsed.ts";
import type { Parsed } from "../parsed.ts";
import { boundedText } from "../text.ts";

/** How long a request's body may be that is handed over: Slack sends the whole message of a button with it. */
export const SLACK_BODY_LENGTH_MAX = 524_288;

const HandedOver = z.object({
  timestamp: boundedText(),
  signature: boundedText(),
  body: z.string().max(SLACK_BODY_LENGTH_MAX),
});

/** A request of Slack's as it came, with what proves that it is Slack's. */
export type HandedOver = z.infer<typeof HandedOver>;

/** Reads a request that was handed over. */
export function parseHandedOver(message: Message): Parsed<HandedOver> {
  const json = parseJson(message.text);
  if (!json.ok) {
    return json;
  }
  const read = HandedOver.safeParse(json.value);
  return read.success ? accepted(read.data) : unreadable(read.error);
}

/** A request as its message carries it. */
export function toHandedOverText({ timestamp, signature, body }: HandedOver): string {
  return JSON.stringify({ timestamp, signature, body });
}
