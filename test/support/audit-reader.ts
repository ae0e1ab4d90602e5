import { PubSub } from "@google-cloud/pubsub";
import type { Message } from "@google-cloud/pubsub";
import type { LocalFile } from "../../infra/local/local-file.ts";

// Without credentials Google's clients ask the metadata server for some, which is not there.
process.env["METADATA_SERVER_DETECTION"] = "none";

/** A message of the audit feed as it came. */
export type FeedMessage = {
  readonly orderingKey: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The parsed body. */
  readonly event: unknown;
};

/** A reader of the audit feed. */
export type AuditReader = {
  /** Everything that came so far, in the order in which it came. */
  readonly messages: () => readonly FeedMessage[];
  readonly close: () => Promise<void>;
};

/** Subscribes to the audit feed, in order, through Google's streaming client. */
export async function readAuditFeed(
  { project, endpoints }: Pick<LocalFile, "project" | "endpoints">,
  name: string,
): Promise<AuditReader> {
  const client = new PubSub({
    projectId: project,
    apiEndpoint: endpoints["pubsub"] ?? "",
    emulatorMode: true,
  });
  const topic = client.topic("slipway-audit");
  await topic.createSubscription(name, { enableMessageOrdering: true });
  // The client gathers acknowledgements for 100 ms, and messages of one key come one after the other.
  const subscription = topic.subscription(name, { batching: { maxMilliseconds: 1 } });
  const messages: FeedMessage[] = [];
  subscription.on("message", (message: Message) => {
    const event: unknown = JSON.parse(message.data.toString("utf8"));
    const { orderingKey, attributes } = message;
    messages.push({ orderingKey: orderingKey ?? "", attributes, event });
    message.ack();
  });
  return {
    messages: () => messages,
    close: async () => {
      await subscription.close();
      await client.close();
    },
  };
}
