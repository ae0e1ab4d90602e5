import type { protos, v1 } from "@google-cloud/pubsub";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";

/** What is published of a message. */
export type PublishedMessage = Pick<
  protos.google.pubsub.v1.IPubsubMessage,
  "data" | "attributes" | "orderingKey"
>;

/**
 * Publishes messages to a topic of Slipway's, in one request.
 * @throws TransientError or PermanentError
 */
export type Publish = (topicId: string, messages: PublishedMessage[]) => Promise<void>;

/** Publishes by one client, which is made for the first message. */
export function pubsubPublisher(options: {
  /** The project that Slipway runs in. */
  readonly project: string;
  readonly endpoint: GrpcEndpoint;
}): Publish {
  const publisher = lazily(async (): Promise<v1.PublisherClient> => {
    const { v1: clients } = await import("@google-cloud/pubsub");
    return new clients.PublisherClient(await endpointOptions(options.endpoint));
  });
  return async (topicId, messages) => {
    const topic = `projects/${options.project}/topics/${topicId}`;
    await callOutside(topic, async () =>
      (await publisher()).publish({ topic, messages }, ONE_CALL),
    );
  };
}
