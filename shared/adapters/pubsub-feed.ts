import type { v1 } from "@google-cloud/pubsub";

import type { AuditRecord } from "../domain/audit-record.ts";
import type { Feed } from "../ports/feed.ts";
import { toAuditMessage } from "../wire/audit-message.ts";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";

/** The topic of the audit feed. */
export const AUDIT_TOPIC = "slipway-audit";

/**
 * How many messages one request carries; the service allows 1000 of them and 10 MB.
 * Source: https://cloud.google.com/pubsub/quotas
 */
const MESSAGES_PER_REQUEST = 100;

/** The audit feed on a Pub/Sub topic, its messages ordered by chain. */
export function pubsubFeed(options: {
  /** The project that Slipway runs in. */
  readonly project: string;
  readonly endpoint: GrpcEndpoint;
}): Feed {
  const topic = `projects/${options.project}/topics/${AUDIT_TOPIC}`;
  const publisher = lazily(async (): Promise<v1.PublisherClient> => {
    const { v1: clients } = await import("@google-cloud/pubsub");
    return new clients.PublisherClient(await endpointOptions(options.endpoint));
  });
  return {
    publish: async (records) => {
      // One request at a time: a request holds messages of one ordering key, in their order.
      for (let start = 0; start < records.length; start += MESSAGES_PER_REQUEST) {
        const messages = records
          .slice(start, start + MESSAGES_PER_REQUEST)
          .map((record) => toPubsubMessage(record, options.project));
        await callOutside(topic, async () =>
          (await publisher()).publish({ topic, messages }, ONE_CALL),
        );
      }
    },
  };
}

function toPubsubMessage(
  record: AuditRecord,
  project: string,
): {
  readonly data: Buffer;
  readonly attributes: Record<string, string>;
  readonly orderingKey: string;
} {
  const { body, attributes } = toAuditMessage(record, project);
  return { data: Buffer.from(body), attributes: { ...attributes }, orderingKey: record.chain };
}
