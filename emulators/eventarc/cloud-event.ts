import { toTimestamp } from "../kit/clock.ts";
import type { Attempt } from "../pubsub/carrier.ts";
import { toId } from "../pubsub/names.ts";
import { toPushBody } from "../pubsub/push.ts";

/** An event as it is posted. */
export type CloudEventRequest = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * A message as the CloudEvent that a function gets, in the binary mode of the HTTP binding.
 * Source: https://cloud.google.com/eventarc/docs/workflows/cloudevents and
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export function toCloudEvent(attempt: Attempt, topic: string): CloudEventRequest {
  return {
    headers: {
      "ce-id": attempt.message.messageId,
      "ce-source": `//pubsub.googleapis.com/${topic}`,
      "ce-specversion": "1.0",
      "ce-time": toTimestamp(attempt.message.publishedMs),
      "ce-topic": toId(topic),
      "ce-type": "google.cloud.pubsub.topic.v1.messagePublished",
      "ce-datacontenttype": "application/json",
      "content-type": "application/json",
    },
    body: toPushBody(attempt),
  };
}
