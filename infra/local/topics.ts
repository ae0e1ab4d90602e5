import type { Emulators } from "./emulators.ts";
import type { Endpoint } from "./ports.ts";
import { LOCAL_EVENTS_ACCOUNT, LOCAL_PROJECT } from "./settings.ts";

/** How soon and how late a function that failed gets its event again. */
const BACKOFF_MS = { minimum: 500, maximum: 10_000 };

/** The topics that Google's services publish to once somebody has made them, and our own. */
export const TOPICS = {
  imagePushes: "gcr",
  deployOperations: "clouddeploy-operations",
  deployResources: "clouddeploy-resources",
  deployApprovals: "clouddeploy-approvals",
  deployAdvances: "clouddeploy-advances",
  ticks: "slipway-ticks",
  incidents: "slipway-incidents",
  work: "slipway-work",
  chat: "slipway-chat",
  audit: "slipway-audit",
} as const;

/** Connects the topics to the functions, as deploying them does. */
export function connectFunctions(
  emulators: Emulators,
  ports: Readonly<Record<Endpoint, number>>,
): void {
  emulators.pubsub.ensureTopic(topicName(TOPICS.audit));
  const triggers = [
    ["on-image-push", TOPICS.imagePushes, ports.onImagePush],
    ["on-deploy-notification-operations", TOPICS.deployOperations, ports.onDeployNotification],
    ["on-deploy-notification-resources", TOPICS.deployResources, ports.onDeployNotification],
    ["on-deploy-notification-approvals", TOPICS.deployApprovals, ports.onDeployNotification],
    ["on-deploy-notification-advances", TOPICS.deployAdvances, ports.onDeployNotification],
    ["on-incident", TOPICS.incidents, ports.onIncident],
    ["on-tick", TOPICS.ticks, ports.onTick],
    ["on-work", TOPICS.work, ports.onWork],
    ["chat", TOPICS.chat, ports.chat],
  ] as const;
  for (const [name, topic, port] of triggers) {
    emulators.eventarc.addTrigger({
      name,
      topic: topicName(topic),
      destination: `http://127.0.0.1:${port}/`,
      retry: true,
      serviceAccount: LOCAL_EVENTS_ACCOUNT,
      minimumBackoffMs: BACKOFF_MS.minimum,
      maximumBackoffMs: BACKOFF_MS.maximum,
    });
  }
}

/** A topic's full name in the local project. */
export function topicName(id: string): string {
  return `projects/${LOCAL_PROJECT}/topics/${id}`;
}
