import { badRequest } from "../kit/google-error.ts";
import { toTimestamp } from "../kit/clock.ts";
import { parseDuration } from "./duration.ts";
import {
  acknowledgeEntry,
  addEntry,
  endWaits,
  leaseEntry,
  postpone,
  removeEntry,
  takeBack,
  type Entry,
  type Holder,
  type Lease,
} from "./lanes.ts";
import type { Message, MessageDraft } from "./message.ts";
import { toId, toProject } from "./names.ts";
import type { PubsubState, Subscription } from "./state.ts";
import {
  deadLetter,
  retentionMs,
  retryDelayMs,
  type SubscriptionJson,
} from "./subscription-settings.ts";

/** A message that somebody has. */
export type Leased = { readonly entry: Entry; readonly lease: Lease };

/** Microseconds in a millisecond: message ids start as a time in microseconds. */
const IDS_PER_MS = 1_000;

/**
 * Puts a message into a topic and into every subscription whose filter it passes. Its id is larger
 * than every one before, also across restarts, because it is at least the time.
 */
export function addMessage(
  state: PubsubState,
  topicName: string,
  input: { readonly draft: MessageDraft; readonly nowMs: number },
): Message {
  const { draft, nowMs } = input;
  const number = Math.max((state.counts.get("lastMessageId") ?? 0) + 1, nowMs * IDS_PER_MS);
  state.counts.set("lastMessageId", number);
  const message: Message = {
    messageId: String(number),
    publishedMs: nowMs,
    data: draft.data ?? "",
    attributes: draft.attributes ?? {},
    orderingKey: draft.orderingKey ?? "",
  };
  retain(state, topicName, message);
  for (const { config, filter, lanes } of state.subscriptions.values()) {
    if (config.topic === topicName && config.detached !== true && filter(message.attributes)) {
      addEntry(lanes, message, { key: laneKey(config, message) });
      state.touched.add(config.name);
    }
  }
  return message;
}

/** What a message has to be in order with: those of its key, or none when this is empty. */
export function laneKey(config: SubscriptionJson, message: Message): string {
  return config.enableMessageOrdering === true ? message.orderingKey : "";
}

/** Gives a message to somebody until a deadline. */
export function lease(
  state: PubsubState,
  { lanes }: Subscription,
  given: { readonly entry: Entry; readonly holder: Holder; readonly deadlineMs: number },
): Leased {
  const { entry, holder, deadlineMs } = given;
  state.lastLease += 1;
  const text = `${entry.message.messageId}:${state.lastLease}`;
  const made = { ackId: Buffer.from(text).toString("base64url"), holder, deadlineMs };
  leaseEntry(lanes, entry, made);
  return { entry, lease: made };
}

/**
 * The message that an ack id stands for, or undefined when its lease is over: acknowledged, expired
 * or given to somebody else since.
 * @throws GoogleError INVALID_ARGUMENT for what is no ack id.
 */
export function findLeased({ lanes }: Subscription, ackId: string): Leased | undefined {
  const text = Buffer.from(ackId, "base64url").toString();
  if (!/^\d+:\d+$/u.test(text)) {
    throw badRequest(
      "ackIds",
      `You have passed an invalid ack ID to the service (ack_id=${ackId}).`,
    );
  }
  const entry = lanes.entries.get(text.slice(0, text.indexOf(":")));
  return entry?.lease?.ackId === ackId ? { entry, lease: entry.lease } : undefined;
}

/** Acknowledges a message: it is gone for good, or until a Seek if the subscription retains it. */
export function acknowledge(state: PubsubState, subscription: Subscription, entry: Entry): void {
  retainAcknowledged(subscription, acknowledgeEntry(subscription.lanes, entry));
  state.touched.add(subscription.config.name);
}

/** Takes a message out as if it had been acknowledged, with nothing left to wait for. */
export function drop(subscription: Subscription, entry: Entry): void {
  const settled = removeEntry(subscription.lanes, entry);
  retainAcknowledged(subscription, [entry.message, ...settled]);
}

/** Makes the next message of a lane due now, if that is the one; any other is left as it is. */
export function release(
  state: PubsubState,
  put: { readonly subscription: string; readonly messageId: string; readonly nowMs: number },
): void {
  const lanes = state.subscriptions.get(put.subscription)?.lanes;
  const entry = lanes?.entries.get(put.messageId);
  if (lanes !== undefined && entry !== undefined && entry.lane.next === entry) {
    postpone(lanes, entry.lane, put.nowMs);
    state.touched.add(put.subscription);
  }
}

/** Counts a failed delivery: the message waits for its retry, or goes to the dead-letter topic. */
export function fail(
  state: PubsubState,
  subscription: Subscription,
  failed: { readonly entry: Entry; readonly nowMs: number },
): void {
  const { entry, nowMs } = failed;
  const { config, lanes } = subscription;
  entry.failures += 1;
  state.touched.add(config.name);
  const policy = deadLetter(config);
  if (
    policy !== undefined &&
    entry.failures >= policy.attemptsMax &&
    state.topics.has(policy.topic)
  ) {
    retainAcknowledged(subscription, removeEntry(lanes, entry));
    addMessage(state, policy.topic, { draft: toDeadLetter(config, entry), nowMs });
    return;
  }
  takeBack(lanes, entry, nowMs + retryDelayMs(config, entry.failures) / state.retrySpeed);
}

/** Ends what time has ended: waits, leases past their deadline, and messages older than the retention. */
export function expire(state: PubsubState, subscription: Subscription, nowMs: number): void {
  const { lanes } = subscription;
  expireRetained(subscription, nowMs);
  const late: Leased[] = [];
  for (let entry = lanes.leased.takeDue(nowMs); entry; entry = lanes.leased.takeDue(nowMs)) {
    if (entry.lease !== null) {
      late.push({ entry, lease: entry.lease });
    }
  }
  // In the order of publishing: the first of a key takes those behind it back, which have not failed.
  late.sort(
    (one, other) => Number(one.entry.message.messageId) - Number(other.entry.message.messageId),
  );
  for (const { entry, lease: ended } of late) {
    if (entry.lease === ended) {
      fail(state, subscription, { entry, nowMs });
    }
  }
  endWaits(lanes, nowMs);
}

function expireRetained({ config, lanes, acknowledged }: Subscription, nowMs: number): void {
  const oldestMs = nowMs - retentionMs(config);
  if (lanes.oldestMs > oldestMs) {
    return;
  }
  lanes.oldestMs = Infinity;
  for (const entry of lanes.entries.values()) {
    if (entry.message.publishedMs > oldestMs) {
      lanes.oldestMs = entry.message.publishedMs;
      break;
    }
    removeEntry(lanes, entry);
  }
  for (const message of acknowledged.values()) {
    if (message.publishedMs > oldestMs) {
      lanes.oldestMs = Math.min(lanes.oldestMs, message.publishedMs);
      break;
    }
    acknowledged.delete(message.messageId);
  }
}

function retainAcknowledged(
  { config, acknowledged }: Subscription,
  messages: readonly Message[],
): void {
  if (config.retainAckedMessages === true) {
    messages.forEach((message) => acknowledged.set(message.messageId, message));
  }
}

function retain(state: PubsubState, topicName: string, message: Message): void {
  const topic = state.topics.get(topicName);
  const retention = parseDuration(topic?.config.messageRetentionDuration ?? "");
  if (topic !== undefined && retention !== undefined) {
    const { retained } = topic;
    const oldestMs = message.publishedMs - retention;
    for (const { messageId, publishedMs } of retained.values()) {
      if (publishedMs > oldestMs) {
        break;
      }
      retained.delete(messageId);
    }
    retained.set(message.messageId, message);
  }
}

/** Source: https://cloud.google.com/pubsub/docs/dead-letter-topics#how_dead_letter_topics_work */
function toDeadLetter(config: SubscriptionJson, { message, failures }: Entry): MessageDraft {
  return {
    data: message.data,
    orderingKey: message.orderingKey,
    attributes: {
      ...message.attributes,
      CloudPubSubDeadLetterSourceDeliveryCount: String(failures),
      CloudPubSubDeadLetterSourceSubscription: toId(config.name),
      CloudPubSubDeadLetterSourceSubscriptionProject: toProject(config.name),
      CloudPubSubDeadLetterSourceTopicPublishTime: toTimestamp(message.publishedMs),
    },
  };
}
