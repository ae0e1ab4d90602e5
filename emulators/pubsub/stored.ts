import { z } from "zod";
import { laneKey } from "./backlog.ts";
import { addEntry } from "./lanes.ts";
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
      ({ config, carried, lanes, acknowledged }) => ({
        config,
        carried,
        backlog: [...lanes.entries.values()].map(({ message, failures, lane }) => ({
          message,
          failures,
          dueMs: lane.dueMs ?? 0,
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
    for (const { message, failures, dueMs } of backlog) {
      addEntry(subscription.lanes, message, { key: laneKey(config, message), failures, dueMs });
    }
    state.touched.add(config.name);
    // Whatever is too old is looked for at once.
    subscription.lanes.oldestMs = 0;
    for (const message of acknowledged) {
      subscription.acknowledged.set(message.messageId, message);
    }
    state.subscriptions.set(config.name, subscription);
  }
}
