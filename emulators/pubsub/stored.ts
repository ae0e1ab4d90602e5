import { z } from "zod";
import { emptySubscription, type PubsubState } from "./state.ts";

const StoredMessage = z.object({
  messageId: z.string(),
  publishedMs: z.number(),
  data: z.string(),
  attributes: z.record(z.string(), z.string()),
  orderingKey: z.string(),
});

const Stored = z.object({
  lastMessageId: z.number(),
  topics: z.array(
    z.object({ config: z.looseObject({ name: z.string() }), retained: z.array(StoredMessage) }),
  ),
  subscriptions: z.array(
    z.object({
      config: z.looseObject({ name: z.string(), topic: z.string() }),
      carried: z.boolean(),
      backlog: z.array(
        z.object({ message: StoredMessage, failures: z.number(), dueMs: z.number() }),
      ),
      acknowledged: z.array(StoredMessage),
    }),
  ),
});

/** The state as JSON. Leases are left out: after a restart nobody holds anything. */
export function toStored(state: PubsubState): unknown {
  return {
    lastMessageId: state.lastMessageId,
    topics: [...state.topics.values()],
    subscriptions: [...state.subscriptions.values()].map(
      ({ config, carried, backlog, acknowledged }) => ({
        config,
        carried,
        backlog: [...backlog.values()].map(({ message, failures, dueMs }) => ({
          message,
          failures,
          dueMs,
        })),
        acknowledged: [...acknowledged.values()],
      }),
    ),
  };
}

/**
 * Fills an empty state with what was stored; with undefined it stays empty. What was being delivered
 * when the emulator stopped is delivered again, at once.
 * @throws ZodError when it is not what `toStored` makes.
 */
export function restore(state: PubsubState, value: unknown): void {
  if (value === undefined) {
    return;
  }
  const stored = Stored.parse(value);
  state.lastMessageId = stored.lastMessageId;
  for (const topic of stored.topics) {
    state.topics.set(topic.config.name, topic);
  }
  for (const { config, carried, backlog, acknowledged } of stored.subscriptions) {
    const subscription = emptySubscription(config, carried);
    for (const entry of backlog) {
      subscription.backlog.set(entry.message.messageId, { ...entry, lease: null });
    }
    for (const message of acknowledged) {
      subscription.acknowledged.set(message.messageId, message);
    }
    state.subscriptions.set(config.name, subscription);
  }
}
