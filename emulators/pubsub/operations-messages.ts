import { badRequest, googleError } from "../kit/google-error.ts";
import { fail, findLeased, settle, toEntry } from "./backlog.ts";
import type { Message } from "./message.ts";
import {
  requireAttached,
  requireSubscription,
  type PubsubState,
  type Subscription,
} from "./state.ts";

/** The longest that one call can extend a deadline by. */
const EXTENSION_MAX_SECONDS = 600;

/** A request about messages that somebody has. */
export type AckRequest = { readonly subscription?: string; readonly ackIds?: readonly string[] };

/**
 * Subscriber.Acknowledge. An ack id whose lease is over does nothing, and the message comes again;
 * with exactly-once delivery it is refused.
 */
export function acknowledge(state: PubsubState, request: AckRequest): object {
  const subscription = requireSubscription(state, request.subscription);
  refuseInvalid(subscription, settleAll(subscription, requireAckIds(request)));
  return {};
}

/** Acknowledges messages and returns the ack ids whose lease is over. */
export function settleAll(
  subscription: Subscription,
  ackIds: readonly string[],
): readonly string[] {
  return ackIds.filter((ackId) => {
    const entry = findLeased(subscription, ackId);
    if (entry !== undefined) {
      settle(subscription, entry.message);
    }
    return entry === undefined;
  });
}

/** Subscriber.ModifyAckDeadline. Zero seconds refuse the message. */
export function modifyAckDeadline(
  state: PubsubState,
  request: AckRequest & { readonly ackDeadlineSeconds?: number },
  nowMs: number,
): object {
  const subscription = requireSubscription(state, request.subscription);
  const ackIds = requireAckIds(request);
  const seconds = request.ackDeadlineSeconds ?? 0;
  const invalid = ackIds.filter((ackId) => !extend(state, subscription, { ackId, seconds, nowMs }));
  refuseInvalid(subscription, invalid);
  return {};
}

/**
 * Moves the deadline of one message, or refuses it with 0 seconds. Returns whether its lease still was.
 * @throws GoogleError INVALID_ARGUMENT for seconds outside of 0 to 600.
 */
export function extend(
  state: PubsubState,
  subscription: Subscription,
  extension: { readonly ackId: string; readonly seconds: number; readonly nowMs: number },
): boolean {
  const { ackId, seconds, nowMs } = extension;
  if (seconds < 0 || seconds > EXTENSION_MAX_SECONDS) {
    throw badRequest("ackDeadlineSeconds", `A deadline is 0 to ${EXTENSION_MAX_SECONDS} seconds`);
  }
  const entry = findLeased(subscription, ackId);
  if (entry === undefined || entry.lease === null) {
    return false;
  }
  if (seconds === 0) {
    fail(state, subscription, { entry, nowMs });
  } else {
    const lease = { ...entry.lease, deadlineMs: nowMs + seconds * 1_000 };
    subscription.backlog.set(entry.message.messageId, { ...entry, lease });
  }
  return true;
}

/**
 * Subscriber.Seek to a time: what was published before counts as acknowledged, what was published
 * then or later, and is still retained, as not.
 */
export function seek(
  state: PubsubState,
  request: { readonly subscription?: string; readonly time?: string; readonly snapshot?: string },
  nowMs: number,
): object {
  const subscription = requireAttached(state, request.subscription);
  if (request.snapshot !== undefined && request.snapshot !== "") {
    throw googleError("UNIMPLEMENTED", "This emulator does not cover Seek to a snapshot");
  }
  const timeMs = Date.parse(request.time ?? "");
  if (Number.isNaN(timeMs)) {
    throw badRequest("time", "Seek needs a time");
  }
  for (const { message } of subscription.backlog.values()) {
    if (message.publishedMs < timeMs) {
      settle(subscription, message);
    }
  }
  replay(subscription, { messages: findReplayed(state, subscription, timeMs), nowMs });
  return {};
}

function findReplayed(
  state: PubsubState,
  { config, filter, acknowledged }: Subscription,
  timeMs: number,
): readonly Message[] {
  const retained = state.topics.get(config.topic)?.retained ?? [];
  return [...acknowledged.values(), ...retained].filter(
    ({ publishedMs, attributes }) => publishedMs >= timeMs && filter(attributes),
  );
}

function replay(
  { backlog, acknowledged }: Subscription,
  replayed: { readonly messages: readonly Message[]; readonly nowMs: number },
): void {
  for (const message of replayed.messages) {
    acknowledged.delete(message.messageId);
    if (!backlog.has(message.messageId)) {
      backlog.set(message.messageId, toEntry(message, replayed.nowMs));
    }
  }
  const ordered = [...backlog].toSorted(([a], [b]) => Number(a) - Number(b));
  backlog.clear();
  for (const [messageId, entry] of ordered) {
    backlog.set(messageId, entry);
  }
}

function requireAckIds(request: AckRequest): readonly string[] {
  const ackIds = request.ackIds ?? [];
  if (ackIds.length === 0) {
    throw badRequest("ackIds", "The request has no ack ids");
  }
  return ackIds;
}

/** Source: https://cloud.google.com/pubsub/docs/exactly-once-delivery */
function refuseInvalid({ config }: Subscription, ackIds: readonly string[]): void {
  if (config.enableExactlyOnceDelivery !== true || ackIds.length === 0) {
    return;
  }
  throw googleError("FAILED_PRECONDITION", "Some acknowledgement ids in the request were invalid", [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "EXACTLY_ONCE_ACKID_FAILURE",
      domain: "pubsub.googleapis.com",
      metadata: Object.fromEntries(ackIds.map((id) => [id, "PERMANENT_FAILURE_INVALID_ACK_ID"])),
    },
  ]);
}
