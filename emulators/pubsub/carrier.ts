import { takeTurns } from "../kit/turns.ts";
import { acknowledge, fail, findLeased, type Leased } from "./backlog.ts";
import type { Consumer } from "./delivery.ts";
import { takeBack } from "./lanes.ts";
import type { Message } from "./message.ts";
import type { DeliveryContext } from "./pull.ts";
import { deadLetter } from "./subscription-settings.ts";

/** One try to deliver one message. */
export type Attempt = {
  readonly subscription: string;
  readonly message: Message;
  /** 1 for the first. */
  readonly attempt: number;
  /** The same, but only where the subscription has a dead-letter policy; otherwise undefined. */
  readonly deliveryAttempt: number | undefined;
  /** Aborted at the ack deadline, and when the emulator closes. */
  readonly signal: AbortSignal;
};

/** How a try ended. Postponing is no failure: the message comes back at that time, as if new. */
export type Outcome =
  | { readonly kind: "acknowledged" }
  | { readonly kind: "failed" }
  | { readonly kind: "postponed"; readonly untilMs: number };

/** Somebody who carries a subscription's messages to where they are wanted. */
export type Carrier = {
  /** How many messages it carries at once when all goes well. */
  readonly concurrencyMax: number;
  /** Tries once. It never rejects: what goes wrong outside is a failed outcome. */
  readonly deliver: (attempt: Attempt) => Promise<Outcome>;
};

/** What a carrier's consumer needs beside the means of delivery. */
export type CarrierContext = DeliveryContext & {
  /** Aborted when the emulator closes: what is under way then counts as not tried. */
  readonly closing: AbortSignal;
  /** What is under way at this moment. */
  readonly busy: Set<Promise<void>>;
  /** To be called when an outcome has changed the state. */
  readonly changed: () => void;
};

/** How many messages are carried at once at first, and when one after the other fails. */
const WINDOW_MIN = 5;

/**
 * A consumer that hands each message to a carrier and takes what comes of it back. It starts slowly: what is
 * acknowledged lets it carry more at once, what fails half as many.
 * Source: https://cloud.google.com/pubsub/docs/push#push_rate
 */
export function carrierConsumer(
  context: CarrierContext,
  subscription: string,
  carrier: Carrier,
): Consumer {
  let window = Math.min(WINDOW_MIN, carrier.concurrencyMax);
  function learn({ kind }: Outcome): void {
    const wanted = kind === "failed" ? Math.max(WINDOW_MIN, window >> 1) : window + 1;
    window = Math.min(wanted, carrier.concurrencyMax);
  }
  return {
    get messagesMax() {
      return window;
    },
    bytesMax: Infinity,
    isSerial: true,
    receive: (messages) => {
      for (const leased of messages) {
        const work = carry({ context, subscription, carrier, learn }, leased);
        context.busy.add(work);
        void work.finally(() => context.busy.delete(work));
      }
    },
    refuse: () => undefined,
  };
}

type Journey = {
  readonly context: CarrierContext;
  readonly subscription: string;
  readonly carrier: Carrier;
  readonly learn: (outcome: Outcome) => void;
};

async function carry(
  { context, subscription, carrier, learn }: Journey,
  { entry, lease }: Leased,
): Promise<void> {
  const { state, clock } = context;
  const config = state.subscriptions.get(subscription)?.config;
  const attempt = entry.failures + 1;
  const controller = new AbortController();
  const timer = clock.at(lease.deadlineMs, () => controller.abort());
  await takeTurns();
  const outcome = await carrier.deliver({
    subscription,
    message: entry.message,
    attempt,
    deliveryAttempt: config === undefined || deadLetter(config) === undefined ? undefined : attempt,
    signal: AbortSignal.any([controller.signal, context.closing]),
  });
  timer.cancel();
  if (context.closing.aborted) {
    return;
  }
  learn(outcome);
  conclude(context, { subscription, ackId: lease.ackId, outcome });
}

function conclude(
  context: CarrierContext,
  ended: { readonly subscription: string; readonly ackId: string; readonly outcome: Outcome },
): void {
  const { state, clock } = context;
  const subscription = state.subscriptions.get(ended.subscription);
  const leased = subscription === undefined ? undefined : findLeased(subscription, ended.ackId);
  // An answer after the deadline changes nothing: the message counts as failed already.
  if (subscription === undefined || leased === undefined) {
    return;
  }
  const { entry } = leased;
  switch (ended.outcome.kind) {
    case "acknowledged":
      acknowledge(state, subscription, entry);
      break;
    case "failed":
      fail(state, subscription, { entry, nowMs: clock.now() });
      break;
    case "postponed":
      takeBack(subscription.lanes, entry, ended.outcome.untilMs);
      state.touched.add(ended.subscription);
      break;
  }
  context.changed();
}
