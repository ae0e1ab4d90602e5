import { idOf } from "../kit/collection-names.ts";
import type { Clock } from "../kit/clock.ts";
import { takeTurns } from "../kit/turns.ts";
import { acknowledge, fail, findLeased } from "./backlog.ts";
import type { Consumer } from "./delivery.ts";
import {
  type Attempt,
  type DeliveryFaultPlan,
  faultyDelivery,
  type Outcome,
} from "./delivery-faults.ts";
import { type Pushing, sendPush } from "./http-push.ts";
import { type Lease, takeBack } from "./lanes.ts";
import { toMessageJson } from "./message.ts";
import { findSubscription, type PubsubState } from "./state.ts";
import type { SubscriptionJson } from "./subscription-settings.ts";

/** What pushes work on. */
type PushContext = {
  readonly state: PubsubState;
  readonly clock: Clock;
  readonly faults: DeliveryFaultPlan;
  readonly pushing: Pushing;
  /** Aborted when the emulator closes: what is under way then counts as not tried. */
  readonly closing: AbortSignal;
  /** What is under way at this moment. */
  readonly busy: Set<Promise<void>>;
  /** To be called when an outcome has changed the state. */
  readonly changed: () => void;
};

/**
 * The answers that acknowledge a push.
 * Source: https://cloud.google.com/pubsub/docs/push#receive_push
 */
const ACKNOWLEDGING = new Set([102, 200, 201, 202, 204]);

/** How many messages are under way at once at first, and when one after the other fails. */
const WINDOW_MIN = 5;

/** How many when all goes well. The service has up to 3,000 a region; what answers here is one machine. */
const WINDOW_MAX = 100;

/**
 * Pushes the messages of a subscription to its endpoint, as it is configured at the moment of each delivery. It starts
 * slowly: what is acknowledged lets it carry more at once, what fails half as many.
 * Source: https://cloud.google.com/pubsub/docs/push#push_rate
 */
export function pushConsumer(context: PushContext, name: string): Consumer {
  const { state, clock, faults, closing, busy } = context;
  let messagesMax = WINDOW_MIN;
  const deliver = faultyDelivery({
    clock,
    next: () => faults.next(idOf(name)),
    send: async (attempt) => {
      const config = state.subscriptions.records.get(name);
      return config === undefined ? "failed" : push(context.pushing, config, attempt);
    },
  });
  async function carry({ entry, ackId, deadlineMs }: Lease): Promise<void> {
    const { message, failures } = entry;
    const late = new AbortController();
    const timer = clock.at(deadlineMs, () => late.abort());
    await takeTurns();
    const signal = AbortSignal.any([late.signal, closing]);
    const outcome = await deliver({ message, number: failures + 1, signal });
    timer.cancel();
    if (!closing.aborted) {
      const wanted = outcome === "failed" ? messagesMax >> 1 : messagesMax + 1;
      messagesMax = Math.min(Math.max(WINDOW_MIN, wanted), WINDOW_MAX);
      conclude(context, { name, ackId, outcome });
    }
  }
  return {
    get messagesMax() {
      return messagesMax;
    },
    bytesMax: Infinity,
    isSerial: true,
    receive: (messages) => {
      for (const lease of messages) {
        const work = carry(lease);
        busy.add(work);
        void work.finally(() => busy.delete(work));
      }
    },
    refuse: () => undefined,
  };
}

/** An answer after the deadline changes nothing: the message counts as failed already. */
function conclude(
  { state, clock, changed }: PushContext,
  ended: { readonly name: string; readonly ackId: string; readonly outcome: Outcome },
): void {
  const subscription = findSubscription(state, ended.name);
  const entry =
    subscription === undefined ? undefined : findLeased(subscription.lanes, ended.ackId);
  if (subscription === undefined || entry === undefined) {
    return;
  }
  if (ended.outcome === "acknowledged") {
    acknowledge(state, subscription, entry);
  } else if (ended.outcome === "failed") {
    fail(state, subscription, { entry, nowMs: clock.now() });
  } else {
    takeBack(subscription.lanes, entry, ended.outcome.untilMs);
    state.touched.add(ended.name);
  }
  changed();
}

/** Failed is also what could not be sent, and what nothing came back of. */
async function push(
  pushing: Pushing,
  config: SubscriptionJson,
  attempt: Attempt,
): Promise<Outcome> {
  const body = JSON.stringify(toPushBody(config, attempt));
  const { name, pushConfig } = config;
  const status = await sendPush(pushing, { pushConfig, subscription: name, body, ...attempt });
  return ACKNOWLEDGING.has(status ?? 0) ? "acknowledged" : "failed";
}

/**
 * The body of a push. `data` and `attributes` are left out when there are none.
 * Source: https://cloud.google.com/pubsub/docs/push#receive_push
 */
function toPushBody(config: SubscriptionJson, { message, number }: Attempt): object {
  const { messageId, orderingKey } = message;
  const json = toMessageJson(message);
  return {
    message: { ...json, message_id: messageId, publish_time: json.publishTime, orderingKey },
    subscription: config.name,
    ...(config.deadLetterPolicy && { deliveryAttempt: number }),
  };
}
