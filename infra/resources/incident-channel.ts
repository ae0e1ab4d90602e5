import { z } from "zod";
import { callOutside, CREATION_LIMITS } from "../../shared/adapters/outside-call.ts";
import { listPages } from "../../shared/adapters/rest-pages.ts";
import type { Cloud } from "./cloud.ts";

/** The topic by which Cloud Monitoring tells Slipway of incidents. */
const TOPIC = "slipway-incidents";
const PAGE_SIZE = "1000";

const Channel = z.object({
  name: z.string(),
  type: z.string().default(""),
  enabled: z.boolean().default(true),
  labels: z.record(z.string(), z.string()).default({}),
});
const Channels = z.object({
  notificationChannels: z.array(Channel).default([]),
  nextPageToken: z.string().default(""),
});

/** The topic's full name in an installation's project. */
export function incidentTopic(project: string): string {
  return `projects/${project}/topics/${TOPIC}`;
}

/**
 * The channel by which a project's policies tell Slipway; null when there is none.
 * Source: https://cloud.google.com/monitoring/support/notification-options#pubsub
 * @throws TransientError or PermanentError
 */
export async function findChannel(
  cloud: Cloud,
  scope: string,
  topic: string,
): Promise<string | null> {
  const resource = `projects/${scope}/notificationChannels`;
  const found = await listPages(resource, async (pageToken) => {
    const query = { filter: 'type="pubsub"', pageSize: PAGE_SIZE, pageToken };
    const page = Channels.parse(await cloud.monitoring({ path: `/v3/${resource}`, query }));
    return { items: page.notificationChannels, nextPageToken: page.nextPageToken };
  });
  return found.find(({ enabled, labels }) => enabled && labels["topic"] === topic)?.name ?? null;
}

/** Makes that channel. @throws TransientError or PermanentError */
export async function makeChannel(cloud: Cloud, scope: string, topic: string): Promise<string> {
  const resource = `projects/${scope}/notificationChannels`;
  const body = {
    type: "pubsub",
    displayName: "Slipway",
    labels: { topic },
    userLabels: { "managed-by": "slipway" },
  };
  const made = await callOutside(
    resource,
    () => cloud.monitoring({ method: "POST", path: `/v3/${resource}`, body }),
    CREATION_LIMITS,
  );
  return Channel.parse(made).name;
}
