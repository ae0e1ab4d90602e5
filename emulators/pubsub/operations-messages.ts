import { badRequest, googleError } from "../kit/google-error.ts";
import { acknowledge, drop, fail, findLeased, laneKey } from "./backlog.ts";
import { addEntry, extendLease, removeEntry } from "./lanes.ts";
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
export function acknowledgeMessages(state: PubsubState, request: AckRequest): object {
  const subscription = requireSubscription(state, request.subscription);
  refuseInvalid(subscription, acknowledgeAll(state, subscription, requireAckIds(request)));
  return {};
}

/** Acknowledges messages and returns the ack ids whose lease is over. */
export function acknowledgeAll(
  state: PubsubState,
  subscription: Subscription,
  ackIds: readonly string[],
): readonly string[] {
  return ackIds.filter((ackId) => {
    const leased = findLeased(subscription, ackId);
    if (leased !== undefined) {
      acknowledge(state, subscription, leased.entry);
    }
    return leased === undefined;
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
  const leased = findLeased(subscription, ackId);
  if (leased === undefined) {
    return false;
  }
  if (seconds === 0) {
    fail(state, subscription, { entry: leased.entry, nowMs });
  } else {
    state.touched.add(subscription.config.name);
    extendLease(subscription.lanes, { ...leased, deadlineMs: nowMs + seconds * 1_000 });
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
): object {
  const subscription = requireAttached(state, request.subscription);
  if (request.snapshot !== undefined && request.snapshot !== "") {
    throw googleError("UNIMPLEMENTED", "This emulator does not cover Seek to a snapshot");
  }
  const timeMs = Date.parse(request.time ?? "");
  if (Number.isNaN(timeMs)) {
    throw badRequest("time", "Seek needs a time");
  }
  for (const entry of subscription.lanes.entries.values()) {
    if (entry.message.publishedMs < timeMs) {
      drop(subscription, entry);
    }
  }
  replay(subscription, findReplayed(state, subscription, timeMs));
  state.touched.add(subscription.config.name);
  return {};
}

function findReplayed(
  state: PubsubState,
  { config, filter, acknowledged }: Subscription,
  timeMs: number,
): readonly Message[] {
  const retained = state.topics.get(config.topic)?.retained.values() ?? [];
  return [...acknowledged.values(), ...retained].filter(
    ({ publishedMs, attributes }) => publishedMs >= timeMs && filter(attributes),
  );
}

/** Adds messages to those that are there, which all come again, in the order of publishing. */
function replay({ config, lanes, acknowledged }: Subscription, messages: readonly Message[]): void {
  if (messages.length === 0) {
    return;
  }
  const all = new Map(messages.map((message) => [message.messageId, message]));
  for (const entry of lanes.entries.values()) {
    all.set(entry.message.messageId, entry.message);
    removeEntry(lanes, entry);
  }
  const ordered = [...all.values()].toSorted(
    (one, other) => Number(one.messageId) - Number(other.messageId),
  );
  for (const message of ordered) {
    acknowledged.delete(message.messageId);
    addEntry(lanes, message, { key: laneKey(config, message) });
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
  const message =
    "Some acknowledgement ids in the request were invalid. This could be because the acknowledgement ids have expired or the acknowledgement ids were malformed.";
  throw googleError("INVALID_ARGUMENT", message, [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "EXACTLY_ONCE_ACKID_FAILURE",
      domain: "pubsub.googleapis.com",
      metadata: Object.fromEntries(ackIds.map((id) => [id, "PERMANENT_FAILURE_INVALID_ACK_ID"])),
    },
  ]);
}
