import { applyFieldMask } from "../kit/field-mask.ts";
import { badRequest } from "../kit/google-error.ts";
import { paginate, type PageRequest } from "../kit/page.ts";
import { alreadyExists, checkName, toProject } from "./names.ts";
import { isIn, requireMask } from "./operations-topics.ts";
import {
  emptySubscription,
  requireSubscription,
  requireTopic,
  type PubsubState,
  type Topic,
} from "./state.ts";
import {
  completeSettings,
  deadLetter,
  type PushConfigJson,
  type SubscriptionJson,
} from "./subscription-settings.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1_000 };
const CHANGEABLE = [
  "ackDeadlineSeconds",
  "deadLetterPolicy",
  "enableExactlyOnceDelivery",
  "expirationPolicy",
  "labels",
  "messageRetentionDuration",
  "pushConfig",
  "retainAckedMessages",
  "retryPolicy",
];

/** Subscriber.CreateSubscription. Only messages published from now on are delivered. */
export function createSubscription(
  state: PubsubState,
  request: Partial<SubscriptionJson>,
): SubscriptionJson {
  const topic = requireTopic(state, request.topic);
  const name = checkName(request.name ?? toFreeName(state, topic), "subscriptions");
  if (state.subscriptions.has(name)) {
    throw alreadyExists(name);
  }
  const completed = completeSettings({ ...request, name, topic: topic.config.name });
  requireDeadLetterTopic(state, completed);
  const retention = topic.config.messageRetentionDuration;
  const config = {
    ...completed,
    ...(retention === undefined ? {} : { topicMessageRetentionDuration: retention }),
  };
  state.subscriptions.set(name, emptySubscription(config));
  return config;
}

/** Subscriber.GetSubscription */
export function getSubscription(
  state: PubsubState,
  request: { readonly subscription?: string },
): SubscriptionJson {
  return requireSubscription(state, request.subscription).config;
}

/** Subscriber.UpdateSubscription. The topic, the filter and the ordering stay as they are. */
export function updateSubscription(
  state: PubsubState,
  request: { readonly subscription?: SubscriptionJson; readonly updateMask?: string },
): SubscriptionJson {
  const current = requireSubscription(state, request.subscription?.name);
  const mask = requireMask(request.updateMask, CHANGEABLE);
  const { name, topic } = current.config;
  const patch = { ...request.subscription, name, topic };
  const config = completeSettings(applyFieldMask(current.config, patch, mask));
  requireDeadLetterTopic(state, config);
  state.subscriptions.set(config.name, { ...current, config });
  state.touched.add(config.name);
  return config;
}

/** Subscriber.ListSubscriptions */
export function listSubscriptions(
  state: PubsubState,
  request: PageRequest & { readonly project?: string },
): { readonly subscriptions: readonly SubscriptionJson[]; readonly nextPageToken: string } {
  const all = [...state.subscriptions.values()].map(({ config }) => config);
  const page = paginate(all.filter(isIn(request.project)), request, PAGE_LIMITS);
  return { subscriptions: page.items, nextPageToken: page.nextPageToken };
}

/** Subscriber.DeleteSubscription */
export function deleteSubscription(
  state: PubsubState,
  request: { readonly subscription?: string },
): object {
  const { config } = requireSubscription(state, request.subscription);
  state.subscriptions.delete(config.name);
  state.touched.add(config.name);
  return {};
}

/** Subscriber.ModifyPushConfig. An empty configuration makes it a subscription to pull from. */
export function modifyPushConfig(
  state: PubsubState,
  request: { readonly subscription?: string; readonly pushConfig?: PushConfigJson },
): object {
  const current = requireSubscription(state, request.subscription);
  const config = completeSettings({ ...current.config, pushConfig: request.pushConfig ?? {} });
  state.subscriptions.set(config.name, { ...current, config });
  state.touched.add(config.name);
  return {};
}

/** Publisher.DetachSubscription: everything that it has is dropped. */
export function detachSubscription(
  state: PubsubState,
  request: { readonly subscription?: string },
): object {
  const current = requireSubscription(state, request.subscription);
  const config = { ...current.config, detached: true };
  state.subscriptions.set(config.name, emptySubscription(config));
  state.touched.add(config.name);
  return {};
}

function requireDeadLetterTopic(state: PubsubState, config: SubscriptionJson): void {
  const policy = deadLetter(config);
  if (policy !== undefined) {
    requireTopic(state, policy.topic);
  } else if (config.deadLetterPolicy !== undefined) {
    throw badRequest("deadLetterPolicy.deadLetterTopic", "A dead letter policy needs a topic");
  }
}

/** The service makes a name up when a caller gives none; here it is the next free number. */
function toFreeName(state: PubsubState, topic: Topic): string {
  let number = state.subscriptions.size + 1;
  const parent = `projects/${toProject(topic.config.name)}/subscriptions`;
  while (state.subscriptions.has(`${parent}/subscription-${number}`)) {
    number += 1;
  }
  return `${parent}/subscription-${number}`;
}
