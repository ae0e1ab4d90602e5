import { z } from "zod";
import { verifyChain } from "../../shared/adapters/canonical-hash.ts";
import type { ShownRecord } from "../../shared/adapters/canonical-hash.ts";
import { EMPTY_CHAIN } from "../../shared/domain/audit-record.ts";
import { parseAuditMessage } from "../../shared/wire/audit-message.ts";
import type { FeedMessage } from "./audit-reader.ts";

/**
 * A CloudEvent in JSON, as far as its specification requires and we promise.
 * Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#required-attributes
 */
const CloudEvent = z.object({
  specversion: z.literal("1.0"),
  id: z.string().min(1),
  source: z.string().regex(/^\/\/slipway\.dev\/projects\/[^/]+\/services\/[^/]+$/),
  type: z.string().regex(/^dev\.(slipway|cdevents)\.[a-z.-]+\.(v\d+|\d+\.\d+\.\d+)$/),
  subject: z.string().min(1),
  time: z.iso.datetime(),
  datacontenttype: z.literal("application/json"),
  sequence: z.string().regex(/^\d{12}$/),
  partitionkey: z.string().min(1),
  data: z.record(z.string(), z.unknown()),
});

/** The messages of one service, or of another chain. */
export function messagesOf(feed: readonly FeedMessage[], chain: string): readonly FeedMessage[] {
  return feed.filter(({ orderingKey }) => orderingKey === chain);
}

/** The ids of all events that came, each once. */
export function eventIds(feed: readonly FeedMessage[]): ReadonlySet<string> {
  return new Set(feed.map(({ event }) => CloudEvent.parse(event).id));
}

/** What is not right about messages of one chain that a reader got from its beginning, in words. */
export function brokenFeed(messages: readonly FeedMessage[]): readonly string[] {
  return [...messages.flatMap(brokenMessage), ...brokenRepeats(messages), ...brokenOrder(messages)];
}

/** The records that the messages carry, each once, in the order in which they first came. */
export function recordsOf(messages: readonly FeedMessage[]): readonly ShownRecord[] {
  const records = messages.flatMap(({ event }) => {
    const parsed = parseAuditMessage(event);
    return parsed.ok ? [parsed.value] : [];
  });
  return [...new Map(records.map((record) => [record.id, record])).values()];
}

function brokenMessage({ event, attributes, orderingKey }: FeedMessage): readonly string[] {
  const parsed = CloudEvent.safeParse(event);
  if (!parsed.success) {
    return [`not a CloudEvent: ${JSON.stringify(event)}: ${parsed.error.message}`];
  }
  const { id, type, partitionkey, sequence } = parsed.data;
  const record = parseAuditMessage(event);
  const isWhole = record.ok && record.value.id === id;
  const isInPlace = partitionkey === orderingKey && `${orderingKey}-${Number(sequence)}` === id;
  const isLabelled =
    attributes["type"] === type && attributes["content-type"] === "application/cloudevents+json";
  return [
    ...(isWhole ? [] : [`${id} does not carry its record`]),
    ...(isInPlace ? [] : [`${id} is not in its place`]),
    ...(isLabelled ? [] : [`${id} has the wrong attributes`]),
  ];
}

/** A message that comes again, as Pub/Sub may bring it, is the same message. */
function brokenRepeats(messages: readonly FeedMessage[]): readonly string[] {
  const texts = new Map<string, string>();
  return messages.flatMap(({ event }) => {
    const id = CloudEvent.safeParse(event).data?.id ?? "";
    const text = JSON.stringify(event);
    const before = texts.get(id) ?? text;
    texts.set(id, before);
    return before === text ? [] : [`${id} came twice with different contents`];
  });
}

function brokenOrder(messages: readonly FeedMessage[]): readonly string[] {
  const verdict = verifyChain(EMPTY_CHAIN, recordsOf(messages));
  return verdict.ok ? [] : [`record ${verdict.refusal.sequence}: ${verdict.refusal.reason}`];
}
