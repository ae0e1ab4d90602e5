import type { Clock } from "../kit/clock.ts";
import type { Attempt, Carrier, Outcome } from "../pubsub/carrier.ts";
import { fromWithin } from "../kit/network.ts";
import { post } from "../pubsub/http-post.ts";
import { toProject } from "../pubsub/names.ts";
import { authorize, type MintIdToken } from "../pubsub/id-token.ts";
import { toCloudEvent } from "./cloud-event.ts";
import type { EventFault, EventFaultPlan } from "./event-faults.ts";
import { CONCURRENCY_DEFAULT, type Trigger } from "./trigger.ts";

/** What carrying a trigger's events needs. */
export type CarrierOptions = {
  readonly trigger: Trigger;
  readonly clock: Clock;
  readonly faults: EventFaultPlan;
  readonly mintIdToken: MintIdToken | undefined;
  /** Makes a postponed event due. */
  readonly release: (messageId: string) => void;
};

/** How long an event that is to come second waits for the one after it. */
const REORDER_HOLD_MS = 1_000;

const COPIES_DEFAULT = 2;

const ACKNOWLEDGED: Outcome = { kind: "acknowledged" };
const FAILED: Outcome = { kind: "failed" };

/** Posts each message of a trigger's topic to its destination as a CloudEvent. */
export function triggerCarrier(options: CarrierOptions): Carrier {
  const { trigger, clock, faults, release } = options;
  /** Events that a fault has put off; the fault is not to befall them a second time. */
  const postponed = new Set<string>();
  let held: string | undefined;
  function postpone({ message }: Attempt, byMs: number): Outcome {
    postponed.add(message.messageId);
    return { kind: "postponed", untilMs: clock.now() + byMs };
  }
  async function send(attempt: Attempt): Promise<Outcome> {
    const outcome = await sendOnce(options, attempt);
    const waiting = held;
    held = undefined;
    if (waiting !== undefined) {
      release(waiting);
    }
    return outcome;
  }
  async function befall(fault: EventFault, attempt: Attempt): Promise<Outcome> {
    switch (fault.kind) {
      case "drop":
        return ACKNOWLEDGED;
      case "delay":
        return postpone(attempt, fault.delayMs ?? 0);
      case "reorder":
        held = attempt.message.messageId;
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
  async function deliver(attempt: Attempt): Promise<Outcome> {
    const isNew = attempt.attempt === 1 && !postponed.delete(attempt.message.messageId);
    const fault = isNew ? faults.next(trigger.name) : undefined;
    return fault === undefined ? send(attempt) : befall(fault, attempt);
  }
  return {
    concurrencyMax: trigger.concurrencyMax ?? CONCURRENCY_DEFAULT,
    deliver: async (attempt) => {
      if (trigger.retry) {
        return deliver(attempt);
      }
      // The first failure was the last; a deadline that passed brings the event here once more.
      const outcome = attempt.attempt > 1 ? ACKNOWLEDGED : await deliver(attempt);
      return outcome.kind === "failed" ? ACKNOWLEDGED : outcome;
    },
  };
}

async function sendOnce(options: CarrierOptions, attempt: Attempt): Promise<Outcome> {
  const { destination: url, topic, serviceAccount: email } = options.trigger;
  const { headers, body } = toCloudEvent(attempt, topic);
  const authorization =
    email === undefined ? {} : await authorize({ email, audience: url }, options.mintIdToken);
  if (authorization === null) {
    return FAILED;
  }
  const { signal } = attempt;
  const within = fromWithin(toProject(topic));
  const status = await post({
    url,
    headers: { ...headers, ...authorization, ...within },
    body,
    signal,
  });
  return status !== null && status >= 200 && status < 300 ? ACKNOWLEDGED : FAILED;
}
