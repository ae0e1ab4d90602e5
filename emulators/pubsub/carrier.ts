import { fail, findLeased, settle } from "./backlog.ts";
import type { Consumer, Leased } from "./delivery.ts";
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
  /** How many messages it carries at once. */
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

/** A consumer that hands each message to a carrier and takes what comes of it back. */
export function carrierConsumer(
  context: CarrierContext,
  subscription: string,
  carrier: Carrier,
): Consumer {
  return {
    messagesMax: carrier.concurrencyMax,
    bytesMax: Infinity,
    receive: (messages) => {
      for (const leased of messages) {
        const work = carry({ context, subscription, carrier }, leased);
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
};

async function carry({ context, subscription, carrier }: Journey, leased: Leased): Promise<void> {
  const { state, clock } = context;
  const config = state.subscriptions.get(subscription)?.config;
  const attempt = leased.failures + 1;
  const controller = new AbortController();
  const timer = clock.at(leased.lease.deadlineMs, () => controller.abort());
  const outcome = await carrier.deliver({
    subscription,
    message: leased.message,
    attempt,
    deliveryAttempt: config === undefined || deadLetter(config) === undefined ? undefined : attempt,
    signal: AbortSignal.any([controller.signal, context.closing]),
  });
  timer.cancel();
  if (context.closing.aborted) {
    return;
  }
  conclude(context, { subscription, ackId: leased.lease.ackId, outcome });
}

function conclude(
  context: CarrierContext,
  ended: { readonly subscription: string; readonly ackId: string; readonly outcome: Outcome },
): void {
  const { state, clock } = context;
  const subscription = state.subscriptions.get(ended.subscription);
  const entry = subscription === undefined ? undefined : findLeased(subscription, ended.ackId);
  // An answer after the deadline changes nothing: the message counts as failed already.
  if (subscription === undefined || entry === undefined) {
    return;
  }
  switch (ended.outcome.kind) {
    case "acknowledged":
      settle(subscription, entry.message);
      break;
    case "failed":
      fail(state, subscription, { entry, nowMs: clock.now() });
      break;
    case "postponed":
      subscription.backlog.set(entry.message.messageId, {
        ...entry,
        dueMs: ended.outcome.untilMs,
        lease: null,
      });
      break;
  }
  context.changed();
}
