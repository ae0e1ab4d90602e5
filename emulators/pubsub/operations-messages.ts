import { badRequest } from "../kit/google-error.ts";
import { acknowledge, addMessage, fail, findLeased } from "./backlog.ts";
import { extendLease } from "./lanes.ts";
import { checkDrafts, type MessageDraft } from "./message.ts";
import { requireSubscription, type PubsubState, type Subscription } from "./state.ts";

/** The longest that one call can extend a deadline by. */
const EXTENSION_MAX_SECONDS = 600;

/** A request about messages that somebody has. */
type AckRequest = { readonly subscription?: string; readonly ackIds?: readonly string[] };

/** Publisher.Publish */
export function publish(
  state: PubsubState,
  request: { readonly topic?: string; readonly messages?: readonly MessageDraft[] },
  nowMs: number,
): { readonly messageIds: readonly string[] } {
  const { name: topic } = state.topics.find(request.topic);
  const drafts = request.messages ?? [];
  checkDrafts(drafts);
  return { messageIds: drafts.map((draft) => addMessage(state, topic, { draft, nowMs })) };
}

/** Subscriber.Acknowledge */
export function acknowledgeMessages(state: PubsubState, request: AckRequest): object {
  const subscription = requireSubscription(state, request.subscription);
  acknowledgeAll(state, subscription, requireAckIds(request));
  return {};
}

/** Acknowledges messages. An ack id whose lease is over does nothing, and the message comes again. */
export function acknowledgeAll(
  state: PubsubState,
  subscription: Subscription,
  ackIds: readonly string[],
): void {
  for (const ackId of ackIds) {
    const entry = findLeased(subscription, ackId);
    if (entry !== undefined) {
      acknowledge(state, subscription, entry);
    }
  }
}

/** Subscriber.ModifyAckDeadline. Zero seconds refuse the message. */
export function modifyAckDeadline(
  state: PubsubState,
  request: AckRequest & { readonly ackDeadlineSeconds?: number },
  nowMs: number,
): object {
  const subscription = requireSubscription(state, request.subscription);
  const seconds = request.ackDeadlineSeconds ?? 0;
  for (const ackId of requireAckIds(request)) {
    extend(state, subscription, { ackId, seconds, nowMs });
  }
  return {};
}

/**
 * Moves the deadline of one message, or refuses it with 0 seconds, if its lease still is.
 * @throws GoogleError INVALID_ARGUMENT for seconds outside of 0 to 600.
 */
export function extend(
  state: PubsubState,
  subscription: Subscription,
  extension: { readonly ackId: string; readonly seconds: number; readonly nowMs: number },
): void {
  const { ackId, seconds, nowMs } = extension;
  if (seconds < 0 || seconds > EXTENSION_MAX_SECONDS) {
    throw badRequest("ackDeadlineSeconds", `A deadline is 0 to ${EXTENSION_MAX_SECONDS} seconds`);
  }
  const entry = findLeased(subscription, ackId);
  if (entry !== undefined && seconds === 0) {
    fail(state, subscription, { entry, nowMs });
  } else if (entry !== undefined) {
    state.touched.add(subscription.config.name);
    extendLease(subscription.lanes, entry, nowMs + seconds * 1_000);
  }
}

function requireAckIds({ ackIds = [] }: AckRequest): readonly string[] {
  if (ackIds.length === 0) {
    throw badRequest("ackIds", "The request has no ack ids");
  }
  return ackIds;
}
