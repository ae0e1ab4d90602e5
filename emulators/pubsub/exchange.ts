import type { Clock } from "../kit/clock.ts";
import { googleError } from "../kit/google-error.ts";
import type { Persistence } from "../kit/persistence.ts";
import { carrierConsumer, type CarrierContext } from "./carrier.ts";
import { release } from "./backlog.ts";
import { startDelivery } from "./delivery.ts";
import type { DeliveryFaultPlan } from "./delivery-faults.ts";
import { faultyDelivery } from "./faulty-carrier.ts";
import { pushCarrier, type Pushing } from "./push.ts";
import { emptyState } from "./state.ts";
import { keepState } from "./kept.ts";
import { pushEndpoint } from "./subscription-settings.ts";

/** The emulator without its server: the state and what keeps its messages moving. */
export type Exchange = CarrierContext & {
  /** To be called after a change of subscriptions: pushes start or stop, messages go out. */
  readonly settle: () => void;
  /** Cuts off what is under way and refuses whoever waits; resolves when nothing moves any more. */
  readonly close: () => Promise<void>;
};

/** What an exchange starts from. */
export type ExchangeOptions = Pushing & {
  readonly clock: Clock;
  /** Where the state is kept across restarts, and under what name; undefined keeps it nowhere. */
  readonly persistence: Persistence | undefined;
  readonly name: string;
  /** What goes wrong with pushes. */
  readonly pushFaults: DeliveryFaultPlan;
  readonly retrySpeed?: number | undefined;
};

/**
 * Starts an exchange; nothing is delivered before the first `settle`.
 * @throws StoreError when what was kept cannot be read.
 */
export function startExchange(options: ExchangeOptions): Exchange {
  const { clock, persistence, name: keptName, pushFaults: faults } = options;
  const state = emptyState(options.retrySpeed);
  keepState(persistence, keptName, state);
  const delivery = startDelivery(state, clock, changed);
  const push = pushCarrier(state, options);
  const deliver = faultyDelivery({
    clock,
    faults,
    send: push.deliver,
    release: (subscription, messageId) => {
      release(state, { subscription, messageId, nowMs: clock.now() });
      settle();
    },
  });
  const pushed = new Map<string, () => void>();
  const closing = new AbortController();
  const busy = new Set<Promise<void>>();
  const { signal } = closing;
  const context = { state, delivery, clock, busy, closing: signal, changed };
  function changed(): void {
    delivery.run();
  }
  function settle(): void {
    const wanted = findPushed(context);
    for (const [name, detach] of pushed) {
      if (!wanted.has(name)) {
        detach();
        pushed.delete(name);
      }
    }
    for (const name of wanted) {
      if (!pushed.has(name)) {
        pushed.set(
          name,
          delivery.attach(name, carrierConsumer(context, name, { ...push, deliver })),
        );
      }
    }
    changed();
  }
  return {
    ...context,
    settle,
    close: async () => {
      closing.abort();
      delivery.stop(googleError("UNAVAILABLE", "The emulator is closing"));
      await Promise.all(busy);
    },
  };
}

/** The subscriptions that are pushed. */
function findPushed({ state }: CarrierContext): ReadonlySet<string> {
  const all = [...state.subscriptions.values()];
  return new Set(
    all
      .filter(({ config }) => config.detached !== true)
      .filter(({ config }) => pushEndpoint(config) !== undefined)
      .map(({ config }) => config.name),
  );
}
