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

/** One thing that goes wrong once. */
export type DeliveryFault = {
  /** Whose: a subscription's id, or a trigger's name. */
  readonly of: string;
  /** Which of its messages it is, counted from now on; 1 is the next. Redeliveries do not count. */
  readonly event: number;
  readonly kind: DeliveryFaultKind;
  /** For the kind `delay`. */
  readonly delayMs?: number;
  /** For the kind `duplicate`: how often it is delivered in all; 2 when left out. */
  readonly copies?: number;
};

/** What is to go wrong with deliveries. */
export type DeliveryFaultPlan = {
  readonly add: (fault: DeliveryFault) => void;
  readonly clear: () => void;
  /** Counts one message and says what befalls it. For carriers. */
  readonly next: (of: string) => DeliveryFault | undefined;
};

/** A plan in which nothing goes wrong yet. */
export function deliveryFaultPlan(): DeliveryFaultPlan {
  let faults: readonly { readonly fault: DeliveryFault; readonly remaining: number }[] = [];
  return {
    add: (fault) => {
      faults = [...faults, { fault, remaining: fault.event }];
    },
    clear: () => {
      faults = [];
    },
    next: (of) => {
      const counted = faults.map(({ fault, remaining }) => ({
        fault,
        remaining: fault.of === of ? remaining - 1 : remaining,
      }));
      const due = counted.find(({ remaining }) => remaining <= 0);
      faults = counted.filter((one) => one !== due);
      return due?.fault;
    },
  };
}
