import type { AuditRecord } from "../domain/audit-record.ts";
import type { Feed } from "../ports/feed.ts";
import { toAuditMessage } from "../wire/audit-message.ts";
import type { Publish } from "./pubsub-publisher.ts";

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
  readonly publish: Publish;
}): Feed {
  return {
    publish: async (records) => {
      // One request at a time: a request holds messages of one ordering key, in their order.
      for (let start = 0; start < records.length; start += MESSAGES_PER_REQUEST) {
        const messages = records
          .slice(start, start + MESSAGES_PER_REQUEST)
          .map((record) => toPubsubMessage(record, options.project));
        await options.publish(AUDIT_TOPIC, messages);
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
