import { toTimestamp } from "../kit/clock.ts";
import { badRequest } from "../kit/google-error.ts";
import {
  acknowledgeEntry,
  addEntry,
  endWaits,
  leaseEntry,
  removeEntry,
  takeBack,
  type Entry,
  type Holder,
  type Lease,
} from "./lanes.ts";
import type { Message, MessageDraft } from "./message.ts";
import { toId } from "./resources.ts";
import { laneKey, lanesOf, type PubsubState, type Subscription } from "./state.ts";
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
 * Puts a message into a topic, which is into every subscription whose filter it passes, and gives its id. That is larger
 * than every one before, also across restarts, because it is at least the time.
 */
export function addMessage(
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
export function findLeased({ lanes }: Subscription, ackId: string): Entry | undefined {
  const text = Buffer.from(ackId, "base64url").toString();
  if (!/^\d+:\d+$/u.test(text)) {
    throw badRequest(
      "ackIds",
      `You have passed an invalid ack ID to the service (ack_id=${ackId}).`,
    );
  }
  const entry = lanes.entries.get(text.slice(0, text.indexOf(":")));
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
  const { topic = "", attemptsMax = Infinity } = deadLetter(config) ?? {};
  if (entry.failures >= attemptsMax && state.topics.records.has(topic)) {
    removeEntry(lanes, entry);
    addMessage(state, topic, { draft: toDeadLetter(config, entry), nowMs });
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
  const late: { readonly entry: Entry; readonly ended: Lease | null }[] = [];
  for (let entry = lanes.leased.takeDue(nowMs); entry; entry = lanes.leased.takeDue(nowMs)) {
    late.push({ entry, ended: entry.lease });
  }
  // In the order of publishing: the first of a key takes those behind it back, which have not failed.
  late.sort(
    (one, other) => Number(one.entry.message.messageId) - Number(other.entry.message.messageId),
  );
  for (const { entry, ended } of late) {
    if (ended !== null && entry.lease === ended) {
      fail(state, subscription, { entry, nowMs });
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
      CloudPubSubDeadLetterSourceSubscription: toId(config.name),
      CloudPubSubDeadLetterSourceSubscriptionProject: config.name.split("/")[1] ?? "",
      CloudPubSubDeadLetterSourceTopicPublishTime: toTimestamp(message.publishedMs),
    },
  };
}
