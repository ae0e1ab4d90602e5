import type { Message, PubSub, Subscription, SubscriptionOptions } from "@google-cloud/pubsub";
import { expect } from "vitest";

/** How long a message may take over loopback before a test gives up. */
const ARRIVAL_MS = 5_000;

/** What a streaming pull has brought so far. */
export type Inbox = {
  readonly messages: readonly Message[];
  /** The texts in the messages, in the order of arrival. */
  readonly texts: () => readonly string[];
  /** Resolves when at least so many messages have come. */
  readonly holds: (count: number) => Promise<void>;
  /** Stops the stream; what was not acknowledged is refused, as the library does. */
  readonly close: () => Promise<void>;
};

/** How a stream is opened, and what is done with each message: acknowledge, unless told otherwise. */
export type InboxOptions = SubscriptionOptions & {
  readonly onMessage?: (message: Message) => void;
};

/** Opens a streaming pull. */
export function openInbox(client: PubSub, name: string, options: InboxOptions = {}): Inbox {
  const { onMessage = (message: Message): void => message.ack(), ...rest } = options;
  const subscription: Subscription = client.subscription(name, {
    batching: { maxMilliseconds: 1 },
    ...rest,
  });
  const messages: Message[] = [];
  const errors: unknown[] = [];
  subscription.on("message", (message: Message) => {
    messages.push(message);
    onMessage(message);
  });
  subscription.on("error", (error: unknown) => errors.push(error));
  return {
    messages,
    texts: () => messages.map(({ data }) => data.toString()),
    holds: async (count) => {
      await expect
        .poll(() => messages.length, { timeout: ARRIVAL_MS, interval: 2 })
        .toBeGreaterThanOrEqual(count);
    },
    close: async () => {
      await subscription.close();
      expect(errors).toEqual([]);
    },
  };
}
