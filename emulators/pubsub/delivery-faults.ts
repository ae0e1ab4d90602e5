import { occasions, type Planned } from "../kit/occasions.ts";

/** What goes wrong with a delivery. */
export type DeliveryFaultKind =
  /** It is delivered several times at once, with the same id. */
  | "duplicate"
  /** It is delivered after the event that follows it, or a second later if none does. */
  | "reorder"
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
  /** For the kind `duplicate`: how often it is delivered in all; 2 when left out. */
  readonly copies?: number;
};

/** What is to go wrong with deliveries. */
export type DeliveryFaultPlan = {
  readonly add: (fault: DeliveryFault) => void;
  /** What was planned and how often it happened, oldest first. */
  readonly list: () => readonly Planned<DeliveryFault>[];
  /** Forgets faults, all of them unless told which, and says how many that were. */
  readonly clear: (isMeant?: (fault: DeliveryFault) => boolean) => number;
  /** Counts one message and says what befalls it. For carriers. */
  readonly next: (of: string) => DeliveryFault | undefined;
};

/** A plan in which nothing goes wrong yet. */
export function deliveryFaultPlan(): DeliveryFaultPlan {
  const planned = occasions<DeliveryFault>();
  return {
    add: (fault) => {
      const { event, every = 1, times = 1 } = fault;
      planned.add(fault, { first: event, every, times });
    },
    list: planned.list,
    clear: planned.clear,
    next: (of) => planned.next((fault) => isMeant(fault.of, of)),
  };
}

function isMeant(wanted: string, of: string): boolean {
  return wanted.endsWith("*") ? of.startsWith(wanted.slice(0, -1)) : of === wanted;
}
