import { release } from "./backlog.ts";
import { carrierConsumer, type Carrier } from "./carrier.ts";
import type { Exchange } from "./exchange.ts";
import { parseFilter } from "./filter.ts";
import { createSubscription } from "./operations-subscriptions.ts";
import { completeSettings, type SubscriptionJson } from "./subscription-settings.ts";

/** A subscription whose messages another emulator carries. */
export type Carried = {
  /** Makes a postponed message due now; any other is left as it is. */
  readonly release: (messageId: string) => void;
  /** Stops carrying; the subscription stays and gathers messages. */
  readonly stop: () => void;
  /** Stops carrying and deletes the subscription with what it has. */
  readonly remove: () => void;
};

/**
 * Creates a subscription, or changes the one of that name, and carries its messages.
 * @throws GoogleError as for CreateSubscription.
 */
export function carrySubscription(
  exchange: Exchange,
  settings: SubscriptionJson,
  carrier: Carrier,
): Carried {
  const { state, clock, delivery, settle } = exchange;
  const { name } = settings;
  const known = state.subscriptions.get(name);
  const config =
    known === undefined ? createSubscription(state, settings) : completeSettings(settings);
  const filter = parseFilter(config.filter ?? "");
  const subscription = known ?? state.subscriptions.get(name);
  if (subscription !== undefined) {
    state.subscriptions.set(name, { ...subscription, config, filter, carried: true });
  }
  const detach = delivery.attach(name, carrierConsumer(exchange, name, carrier));
  settle();
  return {
    release: (messageId) => {
      release(state, { subscription: name, messageId, nowMs: clock.now() });
      settle();
    },
    stop: detach,
    remove: () => {
      detach();
      state.subscriptions.delete(name);
      state.touched.add(name);
      settle();
    },
  };
}
