import { z } from "zod";
import { accepted, refused } from "../domain/result.ts";
import { unreadable } from "./parsed.ts";
import type { Parsed } from "./parsed.ts";
import { boundedText, shortText } from "./text.ts";

/** Pub/Sub numbers its messages; what is longer is cut. */
const ID_LENGTH_MAX = 100;

/**
 * The body of a Pub/Sub delivery: what Eventarc posts as a CloudEvent's data, and what a push
 * subscription posts as it is. `data` is missing when the publisher sent none.
 * Source: https://cloud.google.com/pubsub/docs/push
 */
const Delivery = z.object({
  message: z.object({
    data: z.base64().optional(),
    attributes: z.record(boundedText(), boundedText()).optional(),
    messageId: shortText(ID_LENGTH_MAX).min(1),
    publishTime: z.string().optional(),
  }),
  subscription: z.string().optional(),
  // Only a subscription with dead letters says it.
  deliveryAttempt: z.number().int().positive().optional(),
});

/** A Pub/Sub message, whichever way it came. */
export type Message = {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** When Pub/Sub took the message, as it writes it (RFC 3339); null when the delivery does not say. */
  readonly publishTime: string | null;
  /** Which delivery of the message this is, from 1; null when it does not say. */
  readonly attempt: number | null;
  /** The decoded bytes as UTF-8 text; empty when the publisher sent none. */
  readonly text: string;
};

/** Reads the body of a delivery. */
export function parseDelivery(body: unknown): Parsed<Message> {
  const parsed = Delivery.safeParse(body);
  if (!parsed.success) {
    return unreadable(parsed.error);
  }
  const { messageId, attributes, data, publishTime = null } = parsed.data.message;
  const text = Buffer.from(data ?? "", "base64").toString("utf8");
  const { deliveryAttempt: attempt = null } = parsed.data;
  return accepted({ id: messageId, attributes: attributes ?? {}, publishTime, attempt, text });
}

/** Reads a message's text as JSON. */
export function parseJson(text: string): Parsed<unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return accepted(value);
  } catch {
    return refused("the message's data is not JSON");
  }
}
