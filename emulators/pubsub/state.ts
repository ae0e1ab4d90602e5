import { recordsOf } from "../kit/collection-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { Persistence } from "../kit/persistence.ts";
import { parseFilter } from "./filter.ts";
import { addEntry, emptyLanes, type Kept, type Lanes } from "./lanes.ts";
import type { Message } from "./message.ts";
import { type Kinds, openKinds } from "./resources.ts";
import type { SubscriptionJson } from "./subscription-settings.ts";

/** Everything that the emulator knows. */
export type PubsubState = Kinds & {
  /** What is not acknowledged, by subscription; `lanesOf` makes those of a subscription when they are first asked for. */
  readonly lanes: Map<string, Lanes>;
  /** The same as it is kept, by the names of subscriptions, each with `/` and the id of a message. */
  readonly backlog: Map<string, Kept>;
  /** The names of the subscriptions that have changed since messages were last delivered. */
  readonly touched: Set<string>;
  /** Drops all that a subscription has. */
  readonly empty: (subscription: string) => void;
  /** How many times sooner than its policy says a message comes again that failed. */
  readonly retrySpeed: number;
  /** Has the number of the newest message; ids are unique and increase. */
  readonly counts: Map<"lastMessageId", number>;
};

/** A subscription with its messages. */
export type Subscription = { readonly config: SubscriptionJson; readonly lanes: Lanes };

/**
 * The state with what was kept. Leases are not: after a restart nobody holds anything, and what was being delivered is
 * delivered again, at once. `onDelete` is told of each topic and subscription that goes.
 * @throws StoreError when what was kept cannot be read.
 */
export function openState(options: {
  readonly kept: { readonly persistence: Persistence | undefined; readonly name: string };
  readonly retrySpeed: number | undefined;
  readonly onDelete: (name: string) => void;
}): PubsubState {
  const { kept, retrySpeed = 1, onDelete } = options;
  const touched = new Set<string>();
  const lanes: PubsubState["lanes"] = new Map();
  const backlog: PubsubState["backlog"] = new Map();
  const counts: PubsubState["counts"] = new Map();
  function empty(subscription: string): void {
    lanes.delete(subscription);
    const own = [...backlog.keys()].filter((key) => key.startsWith(`${subscription}/`));
    own.forEach((key) => backlog.delete(key));
    touched.add(subscription);
  }
  const kinds = openKinds({ touched, empty, onDelete });
  const { topics, subscriptions } = kinds;
  const records = { ...recordsOf([topics, subscriptions]), backlog, counts };
  keepMaps(kept.persistence, kept.name, records);
  [...subscriptions.records.keys()].forEach((name) => touched.add(name));
  const state = { ...kinds, lanes, backlog, touched, empty, retrySpeed, counts };
  for (const [key, { message, failures, dueMs }] of backlog) {
    const config = subscriptions.records.get(key.slice(0, key.lastIndexOf("/")));
    if (config !== undefined) {
      const given = { key: laneKey(config, message), failures, dueMs };
      addEntry(lanesOf(state, config), message, given);
    }
  }
  return state;
}

/** The messages of a subscription, none at first. */
export function lanesOf({ lanes, backlog }: PubsubState, config: SubscriptionJson): Lanes {
  const { name, filter = "" } = config;
  const known = lanes.get(name);
  if (known !== undefined) {
    return known;
  }
  const keyOf = (id: string): string => `${name}/${id}`;
  const kept = {
    has: (id: string) => backlog.has(keyOf(id)),
    set: (id: string, one: Kept) => {
      // Whoever had its messages may still give them back when it is gone, or another one is there in its name.
      if (lanes.get(name) === own) {
        backlog.set(keyOf(id), one);
      }
    },
    delete: (id: string) => {
      if (lanes.get(name) === own) {
        backlog.delete(keyOf(id));
      }
    },
  };
  const own: Lanes = emptyLanes(kept, parseFilter(filter));
  lanes.set(name, own);
  return own;
}

/** What a message has to be in order with: those of its key, or none when this is empty. */
export function laneKey(config: SubscriptionJson, message: Message): string {
  return config.enableMessageOrdering === true ? message.orderingKey : "";
}

/**
 * The subscription of a name, if it is attached: messages can be taken from it.
 * @throws GoogleError NOT_FOUND, or FAILED_PRECONDITION when it is detached.
 */
export function requireAttached(state: PubsubState, name: string | undefined): Subscription {
  const subscription = requireSubscription(state, name);
  if (subscription.config.detached === true) {
    throw googleError("FAILED_PRECONDITION", `${name} is detached from its topic`);
  }
  return subscription;
}

/**
 * The subscription of a name.
 * @throws GoogleError NOT_FOUND, or INVALID_ARGUMENT for what is no name.
 */
export function requireSubscription(state: PubsubState, name: string | undefined): Subscription {
  const config = state.subscriptions.find(name);
  return { config, lanes: lanesOf(state, config) };
}

/** The subscription of a name; undefined when it is not there. */
export function findSubscription(state: PubsubState, name: string): Subscription | undefined {
  const config = state.subscriptions.records.get(name);
  return config && { config, lanes: lanesOf(state, config) };
}
