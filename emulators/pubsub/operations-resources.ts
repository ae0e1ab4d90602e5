import { applyFieldMask } from "../kit/field-mask.ts";
import { toCamelCase } from "../kit/field-names.ts";
import { badRequest } from "../kit/google-error.ts";
import { paginate, type PageRequest } from "../kit/page.ts";
import { alreadyExists, checkName, DELETED_TOPIC } from "./names.ts";
import {
  emptySubscription,
  putSubscription,
  requireSubscription,
  requireTopic,
  type PubsubState,
  type TopicJson,
} from "./state.ts";
import {
  completeSettings,
  deadLetter,
  refuseOthers,
  type PushConfigJson,
  type SubscriptionJson,
} from "./subscription-settings.ts";

type OfTopic = { readonly topic?: string };
type OfSubscription = { readonly subscription?: string };
type OfProject = PageRequest & { readonly project?: string };

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1_000 };
const TOPIC_FIELDS = /^(?:name|labels|state)$/;
const LABELS = /^labels$/;
const CHANGEABLE =
  /^(?:ackDeadlineSeconds|deadLetterPolicy|expirationPolicy|labels|messageRetentionDuration|pushConfig|retainAckedMessages|retryPolicy)$/;

/** Publisher.CreateTopic */
export function createTopic(state: PubsubState, request: Partial<TopicJson>): TopicJson {
  const name = checkName(request.name, "topics");
  if (state.topics.has(name)) {
    throw alreadyExists(name);
  }
  refuseOthers("Topic", request, TOPIC_FIELDS);
  const config = { ...request, name, state: "ACTIVE" };
  state.topics.set(name, { config });
  return config;
}

/** Publisher.UpdateTopic, of its labels alone. */
export function updateTopic(
  state: PubsubState,
  request: { readonly topic?: TopicJson; readonly updateMask?: string },
): TopicJson {
  const { config: current } = requireTopic(state, request.topic?.name);
  const mask = requireMask(request.updateMask, LABELS);
  const config = applyFieldMask(current, { ...request.topic, name: current.name }, mask);
  state.topics.set(config.name, { config });
  return config;
}

/** Publisher.ListTopics */
export function listTopics(state: PubsubState, request: OfProject): object {
  const topics = [...state.topics.values()].map(({ config }) => config);
  const { items, nextPageToken } = pageOf(topics, request);
  return { topics: items, nextPageToken };
}

/** Publisher.ListTopicSubscriptions */
export function listTopicSubscriptions(
  state: PubsubState,
  request: PageRequest & OfTopic,
): { readonly subscriptions: readonly string[]; readonly nextPageToken: string } {
  const topic = requireTopic(state, request.topic).config.name;
  const names = [...state.subscriptions.values()]
    .filter(({ config }) => config.topic === topic && config.detached !== true)
    .map(({ config }) => config.name);
  const { items, nextPageToken } = paginate(names, request, PAGE_LIMITS);
  return { subscriptions: items, nextPageToken };
}

/** Publisher.DeleteTopic: its subscriptions stay, with what they have. */
export function deleteTopic(state: PubsubState, request: OfTopic): object {
  const topic = requireTopic(state, request.topic).config.name;
  state.topics.delete(topic);
  for (const subscription of state.subscriptions.values()) {
    if (subscription.config.topic === topic) {
      const config = { ...subscription.config, topic: DELETED_TOPIC };
      putSubscription(state, { ...subscription, config });
    }
  }
  return {};
}

/** Publisher.DetachSubscription: everything that it has is dropped. */
export function detachSubscription(state: PubsubState, request: OfSubscription): object {
  const { config } = requireSubscription(state, request.subscription);
  putSubscription(state, emptySubscription({ ...config, detached: true }));
  return {};
}

/** Subscriber.CreateSubscription. Only messages published from now on are delivered. */
export function createSubscription(
  state: PubsubState,
  request: Partial<SubscriptionJson>,
): SubscriptionJson {
  const { name: topic } = requireTopic(state, request.topic).config;
  const name = checkName(request.name, "subscriptions");
  if (state.subscriptions.has(name)) {
    throw alreadyExists(name);
  }
  const config = checked(state, { ...request, name, topic });
  putSubscription(state, emptySubscription(config));
  return config;
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
  const config = checked(state, applyFieldMask(current.config, patch, mask));
  putSubscription(state, { ...current, config });
  return config;
}

/** Subscriber.ListSubscriptions */
export function listSubscriptions(state: PubsubState, request: OfProject): object {
  const subscriptions = [...state.subscriptions.values()].map(({ config }) => config);
  const { items, nextPageToken } = pageOf(subscriptions, request);
  return { subscriptions: items, nextPageToken };
}

/** Subscriber.DeleteSubscription */
export function deleteSubscription(state: PubsubState, request: OfSubscription): object {
  const { config } = requireSubscription(state, request.subscription);
  state.subscriptions.delete(config.name);
  state.touched.add(config.name);
  return {};
}

/** Subscriber.ModifyPushConfig. An empty configuration makes it a subscription to pull from. */
export function modifyPushConfig(
  state: PubsubState,
  request: OfSubscription & { readonly pushConfig?: PushConfigJson },
): object {
  const current = requireSubscription(state, request.subscription);
  const config = completeSettings({ ...current.config, pushConfig: request.pushConfig ?? {} });
  putSubscription(state, { ...current, config });
  return {};
}

function checked(state: PubsubState, settings: SubscriptionJson): SubscriptionJson {
  const config = completeSettings(settings);
  const policy = deadLetter(config);
  if (policy !== undefined) {
    requireTopic(state, policy.topic);
  }
  return config;
}

function pageOf<T extends { readonly name: string }>(
  items: readonly T[],
  request: OfProject,
): ReturnType<typeof paginate<T>> {
  const { project } = request;
  if (project === undefined) {
    throw badRequest("project", "The request names no project");
  }
  const own = items.filter(({ name }) => name.startsWith(`${project}/`));
  return paginate(own, request, PAGE_LIMITS);
}

/** The mask of an update, of which every path must be changeable. @throws GoogleError INVALID_ARGUMENT */
function requireMask(mask = "", changeable: RegExp): string {
  const paths = mask.split(",").filter((path) => path !== "");
  if (paths.length === 0) {
    throw badRequest("update_mask", "The update_mask in the request must be set");
  }
  const fixed = paths.find((path) => !changeable.test(toCamelCase(path.split(".")[0] ?? "")));
  if (fixed !== undefined) {
    throw badRequest(
      "update_mask",
      `Invalid update_mask provided: ${fixed} is not a known updatable field`,
    );
  }
  return paths.join(",");
}
