import type { Clock } from "../kit/clock.ts";
import { type Occasions, occasions } from "../kit/occasions.ts";
import type { Message } from "./message.ts";

/** What goes wrong with a delivery. */
export type DeliveryFaultKind =
  /** It is delivered twice at once, with the same id. */
  | "duplicate"
  /** It is never delivered. */
  | "drop"
  /** It is delivered `delayMs` later, on the clock. */
  | "delay"
  /** It is delivered, but the answer is lost: it counts as failed. */
  | "lose-answer";

/** One thing that goes wrong. */
export type DeliveryFault = {
  /** Whose: a subscription's id; all whose id begins so, where it ends with `*`. */
  readonly of: string;
  /** Which of its messages it is at first, counted from now on; 1 is the next. Redeliveries do not count. */
  readonly event: number;
  /** After that each one (1, when left out), each second one (2), and so on. */
  readonly every?: number;
  /** How often in all; once when left out, null: until it is cleared. */
  readonly times?: number | null;
  readonly kind: DeliveryFaultKind;
  /** For the kind `delay`. */
  readonly delayMs?: number;
};

/** What is to go wrong with deliveries. */
export type DeliveryFaultPlan = Pick<Occasions<DeliveryFault>, "list" | "clear"> & {
  readonly add: (fault: DeliveryFault) => void;
  /** Counts one message and says what befalls it. For carriers. */
  readonly next: (of: string) => DeliveryFault | undefined;
};

/** One try to deliver one message; the signal ends it at the ack deadline, and when the emulator closes. */
export type Attempt = {
  readonly message: Message;
  /** 1 for the first. */
  readonly number: number;
  readonly signal: AbortSignal;
};

/** How a try ended. Postponing is no failure: the message comes back at that time, as if new. */
export type Outcome = "acknowledged" | "failed" | { readonly untilMs: number };

/** Delivers once. It never rejects: what goes wrong outside is a failed outcome. */
export type Deliver = (attempt: Attempt) => Promise<Outcome>;

/** A plan in which nothing goes wrong yet. */
export function deliveryFaultPlan(): DeliveryFaultPlan {
  const { add, list, clear, next } = occasions<DeliveryFault>();
  return {
    add: (fault) => {
      const { event, every = 1, times = 1 } = fault;
      add(fault, { first: event, every, times });
    },
    list,
    clear,
    next: (of) => next(({ of: wanted }) => isMeant(wanted, of)),
  };
}

/** Delivers the messages of one subscription, each as the plan of faults says. */
export function faultyDelivery(carrying: {
  readonly clock: Clock;
  /** Counts a message of the subscription, and says what befalls it. */
  readonly next: () => DeliveryFault | undefined;
  /** Delivers as if nothing went wrong. */
  readonly send: Deliver;
}): Deliver {
  const { clock, next, send } = carrying;
  /** Messages that a fault has put off; it is not to befall them a second time. */
  const postponed = new Set<string>();
  return async (attempt) => {
    const { messageId } = attempt.message;
    const isNew = attempt.number === 1 && !postponed.delete(messageId);
    const fault = isNew ? next() : undefined;
    switch (fault?.kind) {
      case undefined:
        return send(attempt);
      case "drop":
        return "acknowledged";
      case "delay":
        postponed.add(messageId);
        return { untilMs: clock.now() + (fault?.delayMs ?? 0) };
      case "lose-answer":
        await send(attempt);
        return "failed";
      case "duplicate":
        return (await Promise.all([send(attempt), send(attempt)]))[0];
    }
  };
}

function isMeant(wanted: string, of: string): boolean {
  return wanted.endsWith("*") ? of.startsWith(wanted.slice(0, -1)) : of === wanted;
}
