import type { Clock } from "../kit/clock.ts";
import type { Attempt, Outcome } from "./carrier.ts";
import type { DeliveryFault, DeliveryFaultPlan } from "./delivery-faults.ts";
import { toId } from "./names.ts";

/** What carrying with faults needs. */
export type FaultyCarrying = {
  readonly clock: Clock;
  readonly faults: DeliveryFaultPlan;
  /** Delivers once, as if nothing went wrong. */
  readonly send: (attempt: Attempt) => Promise<Outcome>;
  /** Makes a postponed message due. */
  readonly release: (subscription: string, messageId: string) => void;
};

/** How long a message that is to come second waits for the one after it. */
const REORDER_HOLD_MS = 1_000;

const COPIES_DEFAULT = 2;

const ACKNOWLEDGED: Outcome = { kind: "acknowledged" };
const FAILED: Outcome = { kind: "failed" };

/** Delivers messages, each as the plan of faults says. */
export function faultyDelivery(carrying: FaultyCarrying): (attempt: Attempt) => Promise<Outcome> {
  const { clock, faults, release } = carrying;
  /** Messages that a fault has put off; the fault is not to befall them a second time. */
  const postponed = new Set<string>();
  /** Messages that wait for the one after them, by their subscriptions. */
  const held = new Map<string, string>();
  function postpone(attempt: Attempt, byMs: number): Outcome {
    postponed.add(keyOf(attempt));
    return { kind: "postponed", untilMs: clock.now() + byMs };
  }
  async function send(attempt: Attempt): Promise<Outcome> {
    const outcome = await carrying.send(attempt);
    const waiting = held.get(attempt.subscription);
    if (waiting !== undefined) {
      held.delete(attempt.subscription);
      release(attempt.subscription, waiting);
    }
    return outcome;
  }
  async function befall(fault: DeliveryFault, attempt: Attempt): Promise<Outcome> {
    switch (fault.kind) {
      case "drop":
        return ACKNOWLEDGED;
      case "delay":
        return postpone(attempt, fault.delayMs ?? 0);
      case "reorder":
        held.set(attempt.subscription, attempt.message.messageId);
        return postpone(attempt, REORDER_HOLD_MS);
      case "lose-answer":
        await send(attempt);
        return FAILED;
      case "duplicate": {
        const copies = Array.from({ length: fault.copies ?? COPIES_DEFAULT }, () => send(attempt));
        const outcomes = await Promise.all(copies);
        return outcomes[0] ?? FAILED;
      }
    }
  }
  return async (attempt) => {
    const isNew = attempt.attempt === 1 && !postponed.delete(keyOf(attempt));
    const fault = isNew ? faults.next(toId(attempt.subscription)) : undefined;
    return fault === undefined ? send(attempt) : befall(fault, attempt);
  };
}

function keyOf({ subscription, message }: Attempt): string {
  return `${subscription} ${message.messageId}`;
}
