import { idOf } from "../kit/collection-names.ts";
import { toTimestamp } from "../kit/clock.ts";
import { badRequest } from "../kit/google-error.ts";
import {
  acknowledgeEntry,
  addEntry,
  endWaits,
  extendLease,
  removeEntry,
  takeBack,
  type Entry,
  type Lanes,
  type Lease,
} from "./lanes.ts";
import { checkDrafts, type Message, type MessageDraft } from "./message.ts";
import {
  laneKey,
  lanesOf,
  type PubsubState,
  requireSubscription,
  type Subscription,
} from "./state.ts";
import { retentionMs, retryDelayMs, type SubscriptionJson } from "./subscription-settings.ts";

/** The longest that one call can extend a deadline by. */
const EXTENSION_MAX_SECONDS = 600;

/** Microseconds in a millisecond: message ids start as a time in microseconds. */
const IDS_PER_MS = 1_000;

/**
 * Puts a message into a topic, which is into every subscription whose filter it passes, and gives its id. That is larger
 * than every one before, also across restarts, because it is at least the time.
 */
function addMessage(
  state: PubsubState,
  topicName: string,
  { draft, nowMs }: { readonly draft: MessageDraft; readonly nowMs: number },
): string {
  const number = Math.max((state.counts.get("lastMessageId") ?? 0) + 1, nowMs * IDS_PER_MS);
  state.counts.set("lastMessageId", number);
  const message: Message = {
    messageId: String(number),
    publishedMs: nowMs,
    data: draft.data ?? "",
    attributes: draft.attributes ?? {},
    orderingKey: draft.orderingKey ?? "",
  };
  for (const config of state.subscriptions.records.values()) {
    const isTold = config.topic === topicName && config.detached !== true;
    const lanes = isTold ? lanesOf(state, config) : null;
    if (lanes?.passes(message.attributes) === true) {
      addEntry(lanes, message, { key: laneKey(config, message) });
      state.touched.add(config.name);
    }
  }
  return message.messageId;
}

/**
 * The message that an ack id stands for, or undefined when its lease is over: acknowledged, expired
 * or given to somebody else since.
 * @throws GoogleError INVALID_ARGUMENT for what is no ack id.
 */
export function findLeased({ entries }: Lanes, ackId: string): Entry | undefined {
  const text = Buffer.from(ackId, "base64url").toString();
  if (!/^\d+:\d+$/u.test(text)) {
    throw badRequest(
      "ackIds",
      `You have passed an invalid ack ID to the service (ack_id=${ackId}).`,
    );
  }
  const entry = entries.get(text.slice(0, text.indexOf(":")));
  return entry?.lease?.ackId === ackId ? entry : undefined;
}

/** Acknowledges a message: it is gone for good. */
export function acknowledge(
  state: PubsubState,
  { config, lanes }: Subscription,
  entry: Entry,
): void {
  acknowledgeEntry(lanes, entry);
  state.touched.add(config.name);
}

/** Counts a failed delivery: the message waits for its retry, or goes to the dead-letter topic. */
export function fail(
  state: PubsubState,
  { config, lanes }: Subscription,
  { entry, nowMs }: { readonly entry: Entry; readonly nowMs: number },
): void {
  entry.failures += 1;
  state.touched.add(config.name);
  const { deadLetterTopic = "", maxDeliveryAttempts = Infinity } = config.deadLetterPolicy ?? {};
  if (entry.failures >= maxDeliveryAttempts && state.topics.records.has(deadLetterTopic)) {
    removeEntry(lanes, entry);
    addMessage(state, deadLetterTopic, { draft: toDeadLetter(config, entry), nowMs });
  } else {
    takeBack(lanes, entry, nowMs + retryDelayMs(config, entry.failures) / state.retrySpeed);
  }
}

/** Ends what time has ended: waits, leases past their deadline, and messages older than the retention. */
export function expire(state: PubsubState, subscription: Subscription, nowMs: number): void {
  const { config, lanes } = subscription;
  const oldestMs = nowMs - retentionMs(config);
  if (lanes.oldestMs <= oldestMs) {
    lanes.oldestMs = Infinity;
    for (const entry of lanes.entries.values()) {
      if (entry.message.publishedMs > oldestMs) {
        lanes.oldestMs = entry.message.publishedMs;
        break;
      }
      removeEntry(lanes, entry);
    }
  }
  const late: Lease[] = [];
  for (let lease = lanes.leased.takeDue(nowMs); lease; lease = lanes.leased.takeDue(nowMs)) {
    late.push(lease);
  }
  // In the order of publishing: the first of a key takes those behind it back, which have not failed.
  late.sort(
    (one, other) => Number(one.entry.message.messageId) - Number(other.entry.message.messageId),
  );
  for (const lease of late) {
    if (lease.entry.lease === lease) {
      fail(state, subscription, { entry: lease.entry, nowMs });
    }
  }
  endWaits(lanes, nowMs);
}

/** Source: https://cloud.google.com/pubsub/docs/dead-letter-topics#how_dead_letter_topics_work */
function toDeadLetter(config: SubscriptionJson, { message, failures }: Entry): MessageDraft {
  return {
    data: message.data,
    orderingKey: message.orderingKey,
    attributes: {
      ...message.attributes,
      CloudPubSubDeadLetterSourceDeliveryCount: String(failures),
      CloudPubSubDeadLetterSourceSubscription: idOf(config.name),
      CloudPubSubDeadLetterSourceSubscriptionProject: config.name.split("/")[1] ?? "",
      CloudPubSubDeadLetterSourceTopicPublishTime: toTimestamp(message.publishedMs),
    },
  };
}

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
    const entry = findLeased(subscription.lanes, ackId);
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
  const entry = findLeased(subscription.lanes, ackId);
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
