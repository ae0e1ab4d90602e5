import type { Clock } from "../kit/clock.ts";
import type { Attempt, Carrier, Outcome } from "../pubsub/carrier.ts";
import { fromWithin } from "../kit/network.ts";
import type { DeliveryFaultPlan } from "../pubsub/delivery-faults.ts";
import { faultyDelivery } from "../pubsub/faulty-carrier.ts";
import { post } from "../pubsub/http-post.ts";
import { toProject } from "../pubsub/names.ts";
import { authorize, type MintIdToken } from "../pubsub/id-token.ts";
import { toCloudEvent } from "./cloud-event.ts";
import { CONCURRENCY_DEFAULT, type Trigger } from "./trigger.ts";

/** What carrying a trigger's events needs. */
export type CarrierOptions = {
  readonly trigger: Trigger;
  readonly clock: Clock;
  readonly faults: DeliveryFaultPlan;
  readonly mintIdToken: MintIdToken | undefined;
  /** Makes a postponed event due. */
  readonly release: (messageId: string) => void;
};

const ACKNOWLEDGED: Outcome = { kind: "acknowledged" };
const FAILED: Outcome = { kind: "failed" };

/** Posts each message of a trigger's topic to its destination as a CloudEvent. */
export function triggerCarrier(options: CarrierOptions): Carrier {
  const { trigger, clock, faults, release } = options;
  const deliver = faultyDelivery({
    clock,
    faults,
    of: () => trigger.name,
    send: async (attempt) => sendOnce(options, attempt),
    release: (_subscription, messageId) => {
      release(messageId);
    },
  });
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
