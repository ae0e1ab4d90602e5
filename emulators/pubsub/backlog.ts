import { badRequest } from "../kit/google-error.ts";
import type { Message, MessageDraft } from "./message.ts";
import { sizeOf } from "./message.ts";
import { toId, toProject } from "./names.ts";
import { parseDuration } from "./duration.ts";
import type { Entry, PubsubState, Subscription } from "./state.ts";
import { ackDeadlineMs, deadLetter, retentionMs, retryDelayMs } from "./subscription-settings.ts";
import { toTimestamp } from "../kit/clock.ts";

/** What one consumer has and has not acknowledged yet. */
export type Outstanding = { readonly messages: number; readonly bytes: number };

/** What a subscription could deliver now, and when that changes by itself. */
export type Survey = {
  readonly ready: readonly Entry[];
  /** By the consumer's number. */
  readonly outstanding: ReadonlyMap<number, Outstanding>;
  /** The next time, in milliseconds, at which a deadline or a wait ends; Infinity when none does. */
  readonly nextMs: number;
};

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
  state.lastMessageId = Math.max(state.lastMessageId + 1, nowMs * IDS_PER_MS);
  const message: Message = {
    messageId: String(state.lastMessageId),
    publishedMs: nowMs,
    data: draft.data ?? "",
    attributes: draft.attributes ?? {},
    orderingKey: draft.orderingKey ?? "",
  };
  retain(state, topicName, message);
  for (const { config, filter, backlog } of state.subscriptions.values()) {
    if (config.topic === topicName && config.detached !== true && filter(message.attributes)) {
      backlog.set(message.messageId, toEntry(message, nowMs));
    }
  }
  return message;
}

/** A message that nobody has tried to deliver yet. */
export function toEntry(message: Message, dueMs: number): Entry {
  return { message, failures: 0, dueMs, lease: null };
}

/**
 * What can be delivered now. With ordering, only the oldest message of a key counts, and a key
 * whose oldest message is with somebody or waits for its retry has none.
 */
export function survey(subscription: Subscription, nowMs: number): Survey {
  const ready: Entry[] = [];
  const outstanding = new Map<number, Outstanding>();
  const keys = new Set<string>();
  let nextMs = Infinity;
  for (const entry of subscription.backlog.values()) {
    const { message, lease, dueMs } = entry;
    if (lease !== null) {
      const held = outstanding.get(lease.holder) ?? { messages: 0, bytes: 0 };
      const bytes = held.bytes + sizeOf(message);
      outstanding.set(lease.holder, { messages: held.messages + 1, bytes });
      nextMs = Math.min(nextMs, lease.deadlineMs);
    } else if (dueMs > nowMs) {
      nextMs = Math.min(nextMs, dueMs);
    } else if (!isBehind(subscription, message, keys)) {
      ready.push(entry);
    }
    keys.add(message.orderingKey);
  }
  return { ready, outstanding, nextMs };
}

/** Gives a message to a consumer until a deadline, and returns it with its lease. */
export function leaseTo(
  state: PubsubState,
  subscription: Subscription,
  given: { readonly entry: Entry; readonly holder: number; readonly deadlineMs: number },
): Entry & { readonly lease: NonNullable<Entry["lease"]> } {
  const { entry, holder, deadlineMs } = given;
  const { messageId } = entry.message;
  state.lastLease += 1;
  const ackId = Buffer.from(`${messageId}:${state.lastLease}`).toString("base64url");
  const leased = { ...entry, lease: { ackId, holder, deadlineMs } };
  subscription.backlog.set(messageId, leased);
  return leased;
}

/**
 * The message that an ack id stands for, or undefined when its lease is over: acknowledged, expired
 * or given to somebody else since.
 * @throws GoogleError INVALID_ARGUMENT for what is no ack id.
 */
export function findLeased(subscription: Subscription, ackId: string): Entry | undefined {
  const text = Buffer.from(ackId, "base64url").toString();
  if (!/^\d+:\d+$/u.test(text)) {
    throw badRequest(
      "ackIds",
      `You have passed an invalid ack ID to the service (ack_id=${ackId}).`,
    );
  }
  const entry = subscription.backlog.get(text.slice(0, text.indexOf(":")));
  return entry?.lease?.ackId === ackId ? entry : undefined;
}

/** Takes a message out of the backlog for good, or until a Seek if the subscription retains it. */
export function settle(subscription: Subscription, message: Message): void {
  subscription.backlog.delete(message.messageId);
  if (subscription.config.retainAckedMessages === true) {
    subscription.acknowledged.set(message.messageId, message);
  }
}

/** Counts a failed delivery: the message waits for its retry, or goes to the dead-letter topic. */
export function fail(
  state: PubsubState,
  subscription: Subscription,
  failed: { readonly entry: Entry; readonly nowMs: number },
): void {
  const { entry, nowMs } = failed;
  const failures = entry.failures + 1;
  const policy = deadLetter(subscription.config);
  if (policy !== undefined && failures >= policy.attemptsMax && state.topics.has(policy.topic)) {
    subscription.backlog.delete(entry.message.messageId);
    addMessage(state, policy.topic, {
      draft: toDeadLetter(subscription, entry.message, failures),
      nowMs,
    });
    return;
  }
  const dueMs = nowMs + retryDelayMs(subscription.config, failures);
  subscription.backlog.set(entry.message.messageId, { ...entry, failures, dueMs, lease: null });
}

/** Ends what time has ended: leases past their deadline, and messages older than the retention. */
export function expire(state: PubsubState, subscription: Subscription, nowMs: number): void {
  const oldestMs = nowMs - retentionMs(subscription.config);
  for (const entry of subscription.backlog.values()) {
    if (entry.message.publishedMs <= oldestMs) {
      subscription.backlog.delete(entry.message.messageId);
    } else if (entry.lease !== null && entry.lease.deadlineMs <= nowMs) {
      fail(state, subscription, { entry, nowMs });
    }
  }
  for (const message of subscription.acknowledged.values()) {
    if (message.publishedMs > oldestMs) {
      break;
    }
    subscription.acknowledged.delete(message.messageId);
  }
}

/** When a lease that starts now ends unless it is extended. */
export function leaseEndMs(subscription: Subscription, nowMs: number): number {
  return nowMs + ackDeadlineMs(subscription.config);
}

function isBehind({ config }: Subscription, message: Message, keys: ReadonlySet<string>): boolean {
  return (
    config.enableMessageOrdering === true &&
    message.orderingKey !== "" &&
    keys.has(message.orderingKey)
  );
}

function retain(state: PubsubState, topicName: string, message: Message): void {
  const topic = state.topics.get(topicName);
  const retention = parseDuration(topic?.config.messageRetentionDuration ?? "");
  if (topic !== undefined && retention !== undefined) {
    const oldestMs = message.publishedMs - retention;
    const kept = topic.retained.filter(({ publishedMs }) => publishedMs > oldestMs);
    state.topics.set(topicName, { ...topic, retained: [...kept, message] });
  }
}

/** Source: https://cloud.google.com/pubsub/docs/dead-letter-topics#how_dead_letter_topics_work */
function toDeadLetter({ config }: Subscription, message: Message, failures: number): MessageDraft {
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
