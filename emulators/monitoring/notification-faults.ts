import { occasions } from "../kit/occasions.ts";

/** What an incident notification says. */
export type NotificationState = "open" | "closed";

/** One thing that goes wrong with one notification to one channel. */
export type NotificationFault = {
  /** Only notifications that say this count; without it, all do. */
  readonly state?: NotificationState | undefined;
  /** Which of them it is, counted from now on; 1 is the next. */
  readonly notification: number;
  /** It is never sent, sent twice, or sent `delayMs` later on the clock. */
  readonly kind: "drop" | "duplicate" | "delay";
  /** For the kind `delay`. */
  readonly delayMs?: number | undefined;
};

/** What is to go wrong with notifications. */
export type NotificationFaultPlan = {
  readonly add: (fault: NotificationFault) => void;
  readonly clear: () => void;
  /** Counts one notification and says what befalls it. */
  readonly next: (state: NotificationState) => NotificationFault | undefined;
};

/** A plan in which nothing goes wrong yet. */
export function notificationFaultPlan(): NotificationFaultPlan {
  const planned = occasions<NotificationFault>();
  return {
    add: (fault) => planned.add(fault, { first: fault.notification, every: 1, times: 1 }),
    clear: () => void planned.clear(),
    next: (state) => planned.next((fault) => (fault.state ?? state) === state),
  };
}
