import { badRequest, googleError } from "../kit/google-error.ts";
import { parseFilter, type Filter } from "./filter.ts";
import { emptyLanes, type Lanes } from "./lanes.ts";
import { notFound } from "./names.ts";
import type { SubscriptionJson } from "./subscription-settings.ts";

/** google.pubsub.v1.Topic in JSON, as far as it is covered. */
export type TopicJson = {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly state?: string;
};

/** A topic. */
export type Topic = { readonly config: TopicJson };

/** A subscription with its messages. */
export type Subscription = {
  readonly config: SubscriptionJson;
  readonly filter: Filter;
  /** What is not acknowledged. */
  readonly lanes: Lanes;
};

/** Everything that the emulator knows. */
export type PubsubState = {
  readonly topics: Map<string, Topic>;
  readonly subscriptions: Map<string, Subscription>;
  /** The names of the subscriptions that have changed since messages were last delivered. */
  readonly touched: Set<string>;
  /** How many times sooner than its policy says a message comes again that failed. */
  readonly retrySpeed: number;
  /** Has the number of the newest message; ids are unique and increase. */
  readonly counts: Map<"lastMessageId", number>;
  /** The number of the newest lease; part of each ack id. */
  lastLease: number;
};

/** A state with nothing in it. */
export function emptyState(retrySpeed = 1): PubsubState {
  return {
    topics: new Map(),
    subscriptions: new Map(),
    touched: new Set(),
    retrySpeed,
    counts: new Map(),
    lastLease: 0,
  };
}

/** A subscription that has no messages yet. */
export function emptySubscription(config: SubscriptionJson): Subscription {
  return { config, filter: parseFilter(config.filter ?? ""), lanes: emptyLanes() };
}

/**
 * The topic of a name.
 * @throws GoogleError NOT_FOUND, or INVALID_ARGUMENT without a name.
 */
export function requireTopic(state: PubsubState, name: string | undefined): Topic {
  return require(state.topics, name, "topic");
}

/**
 * The subscription of a name.
 * @throws GoogleError NOT_FOUND, or INVALID_ARGUMENT without a name.
 */
export function requireSubscription(state: PubsubState, name: string | undefined): Subscription {
  return require(state.subscriptions, name, "subscription");
}

/**
 * The subscription of a name, if messages can be taken from it.
 * @throws GoogleError NOT_FOUND, or FAILED_PRECONDITION when it is detached.
 */
export function requireAttached(state: PubsubState, name: string | undefined): Subscription {
  const subscription = requireSubscription(state, name);
  const { config } = subscription;
  if (config.detached === true) {
    throw googleError("FAILED_PRECONDITION", `${config.name} is detached from its topic`);
  }
  return subscription;
}

/** Puts a subscription in place of the one of its name; who takes its messages is told of it at the next delivery. */
export function putSubscription(state: PubsubState, subscription: Subscription): void {
  const { name } = subscription.config;
  state.subscriptions.set(name, subscription);
  state.touched.add(name);
}

function require<T>(things: ReadonlyMap<string, T>, name: string | undefined, field: string): T {
  if (name === undefined) {
    throw badRequest(field, `The request names no ${field}`);
  }
  const thing = things.get(name);
  if (thing === undefined) {
    throw notFound(name);
  }
  return thing;
}
