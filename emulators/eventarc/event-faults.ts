/** What goes wrong with an event. */
export type EventFaultKind =
  /** It is delivered several times at once, with the same id. */
  | "duplicate"
  /** It is delivered after the event that follows it, or a second later if none does. */
  | "reorder"
  /** It is never delivered. */
  | "drop"
  /** It is delivered `delayMs` later, on the clock. */
  | "delay"
  /** It is delivered, but the function's answer is lost: it counts as failed. */
  | "lose-answer";

/** One thing that goes wrong once. */
export type EventFault = {
  /** The trigger's name. */
  readonly trigger: string;
  /** Which event of the trigger it is, counted from now on; 1 is the next. Redeliveries do not count. */
  readonly event: number;
  readonly kind: EventFaultKind;
  /** For the kind `delay`. */
  readonly delayMs?: number;
  /** For the kind `duplicate`: how often it is delivered in all; 2 when left out. */
  readonly copies?: number;
};

/** What is to go wrong with events. */
export type EventFaultPlan = {
  readonly add: (fault: EventFault) => void;
  readonly clear: () => void;
  /** Counts one event of a trigger and says what befalls it. For carriers. */
  readonly next: (trigger: string) => EventFault | undefined;
};

/** A plan in which nothing goes wrong yet. */
export function eventFaultPlan(): EventFaultPlan {
  let faults: readonly { readonly fault: EventFault; readonly remaining: number }[] = [];
  return {
    add: (fault) => {
      faults = [...faults, { fault, remaining: fault.event }];
    },
    clear: () => {
      faults = [];
    },
    next: (trigger) => {
      const counted = faults.map(({ fault, remaining }) => ({
        fault,
        remaining: fault.trigger === trigger ? remaining - 1 : remaining,
      }));
      const due = counted.find(({ remaining }) => remaining <= 0);
      faults = counted.filter((one) => one !== due);
      return due?.fault;
    },
  };
}
