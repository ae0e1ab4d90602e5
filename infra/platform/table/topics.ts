import { keyOf, OWNER_LABEL } from "../resource.ts";
import type { Resource } from "../resource.ts";
import { projectsOf } from "../settings.ts";
import { CHAT_FUNCTION } from "./functions.ts";
import type { Platform, Settings } from "../settings.ts";
import {
  accountEmail,
  DEPLOY_TOPICS,
  functionName,
  functionUrl,
  needsAccount,
  needsApis,
  needsMark,
  OWN_TOPICS,
  REGISTRY_TOPIC,
  runServiceName,
  topicName,
} from "./names.ts";

/** Ticks that are older than this are dropped: after an outage only the last ones matter. */
const TICK_RETENTION = "600s";
/** What people asked in Slack longer ago is not done any more. */
const CHAT_RETENTION = "600s";
const RETENTION = "604800s";
const ACK_DEADLINE_SECONDS = 600;
const DELIVERY_ATTEMPTS = 10;

/** Topics: Slipway's own, and those that Google's services publish to once they are there. */
export function topics(settings: Settings): readonly Resource[] {
  const isShared = true as const;
  const google = [
    ...settings.pipelineProjects.flatMap((project) =>
      DEPLOY_TOPICS.map((id) => ({
        id,
        project,
        why: "Cloud Deploy says what changed.",
      })),
    ),
    ...registryProjects(settings).map((project) => ({
      id: REGISTRY_TOPIC,
      project,
      why: "Artifact Registry says what was pushed, once somebody has made this topic.",
    })),
  ];
  const uses = Object.entries(OWN_TOPICS).filter(
    ([use]) => use !== "chat" || settings.chat !== null,
  );
  const own = uses.map(([use, id]) => ({
    id,
    project: settings.project,
    why: OWN_WHY[use] ?? "",
  }));
  return [
    ...own.map((topic) => toResource(settings, topic)),
    ...google.map((topic): Resource => Object.assign(toResource(settings, topic), { isShared })),
  ];
}

type Topic = { readonly id: string; readonly project: string; readonly why: string };

function toResource(settings: Settings, { id, project, why }: Topic): Resource {
  return {
    kind: "topic",
    name: topicName(settings, id, project),
    project,
    needs: [needsApis(project), needsMark(settings)],
    fields: { labels: { [OWNER_LABEL]: settings.project } },
    why,
  };
}

const OWN_WHY: Readonly<Record<string, string>> = {
  ticks: "Cloud Scheduler wakes Slipway through it.",
  audit: "Every fact is published there.",
  incidents: "Cloud Monitoring says there which incidents open and close.",
  work: "What was decided is done at once.",
  chat: "What people ask in Slack is handed over, since Slack waits for three seconds alone.",
  dead: "What no function could take is kept there for a person.",
};

/** Projects that have registries, each once. */
export function registryProjects(settings: Settings): readonly string[] {
  return projectsOf(settings).filter((project) =>
    settings.registries.some((one) => one.project === project),
  );
}

/** Which function a topic wakes. */
type Delivery = {
  readonly function: string;
  readonly topic: string;
  readonly project: string;
  readonly retention?: string;
};

/** Which function each topic wakes, in the project that the topic is in. */
export function deliveries(settings: Settings): readonly Delivery[] {
  const { project } = settings;
  return [
    ...registryProjects(settings).map((registry) => ({
      function: "on-image-push",
      topic: REGISTRY_TOPIC,
      project: registry,
    })),
    ...settings.pipelineProjects.flatMap((pipelines) =>
      DEPLOY_TOPICS.map((topic) => ({
        function: "on-deploy-notification",
        topic,
        project: pipelines,
      })),
    ),
    { function: "on-incident", topic: OWN_TOPICS.incidents, project },
    { function: "on-tick", topic: OWN_TOPICS.ticks, project, retention: TICK_RETENTION },
    { function: "on-work", topic: OWN_TOPICS.work, project },
    ...(settings.chat === null
      ? []
      : [{ function: CHAT_FUNCTION, topic: OWN_TOPICS.chat, project, retention: CHAT_RETENTION }]),
    { function: "on-notice", topic: OWN_TOPICS.audit, project },
  ];
}

/** A subscription's id; where the topic is in another project, that project is part of it. */
export function subscriptionId(settings: Settings, delivery: Delivery): string {
  const id = `slipway-${delivery.function}-${delivery.topic}`;
  return delivery.project === settings.project ? id : `${id}-${delivery.project}`;
}

/**
 * The subscriptions: a push with a token to each function, and a pull on what could not be delivered. Their own
 * rather than a trigger of the function, which has one alone and loses messages when the function is deployed again.
 */
export function subscriptions(
  platform: Platform,
  functions: readonly string[],
): readonly Resource[] {
  const pushes = deliveries(platform)
    .filter((delivery) => functions.includes(delivery.function))
    .map((delivery) => pushSubscription(platform, delivery));
  return [...pushes, deadLetters(platform)];
}

function pushSubscription(platform: Platform, delivery: Delivery): Resource {
  const { project } = platform;
  const url = functionUrl(platform, delivery.function);
  const topic = topicName(platform, delivery.topic, delivery.project);
  const service = runServiceName(platform, delivery.function);
  return {
    kind: "subscription",
    name: `projects/${project}/subscriptions/${subscriptionId(platform, delivery)}`,
    project,
    needs: [
      keyOf({ kind: "topic", name: topic }),
      keyOf({ kind: "topic", name: topicName(platform, OWN_TOPICS.dead) }),
      keyOf({ kind: "function", name: functionName(platform, delivery.function) }),
      keyOf({ kind: "grants", name: service }),
      needsAccount(platform, "slipway-events"),
    ],
    fields: {
      topic,
      pushConfig: {
        pushEndpoint: url,
        oidcToken: {
          serviceAccountEmail: accountEmail(platform, "slipway-events"),
          audience: url,
        },
      },
      ackDeadlineSeconds: ACK_DEADLINE_SECONDS,
      messageRetentionDuration: delivery.retention ?? RETENTION,
      // An empty policy says that it never expires. https://cloud.google.com/pubsub/docs/subscription-properties
      expirationPolicy: {},
      deadLetterPolicy: {
        deadLetterTopic: topicName(platform, OWN_TOPICS.dead),
        maxDeliveryAttempts: DELIVERY_ATTEMPTS,
      },
      retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
      labels: { [OWNER_LABEL]: project },
    },
    why: `${delivery.function} hears of what is published to ${delivery.topic}.`,
  };
}

function deadLetters(platform: Platform): Resource {
  const { project } = platform;
  const topic = topicName(platform, OWN_TOPICS.dead);
  return {
    kind: "subscription",
    name: `projects/${project}/subscriptions/${OWN_TOPICS.dead}`,
    project,
    needs: [keyOf({ kind: "topic", name: topic })],
    fields: {
      topic,
      ackDeadlineSeconds: 60,
      messageRetentionDuration: RETENTION,
      expirationPolicy: {},
      labels: { [OWNER_LABEL]: project },
    },
    why: "Dead letters wait here for a person; without a subscription they would be lost.",
  };
}
