import type { Clock } from "../kit/clock.ts";
import type { Carried } from "../pubsub/carried.ts";
import { deliveryFaultPlan, type DeliveryFaultPlan } from "../pubsub/delivery-faults.ts";
import type { MintIdToken } from "../pubsub/id-token.ts";
import type { RunningPubsub } from "../pubsub/server.ts";
import { triggerCarrier } from "./trigger-carrier.ts";
import { toSubscription, type Trigger } from "./trigger.ts";

/** How to start the emulator. */
export type EventarcOptions = {
  /** Where the topics are. Its clock is the clock, its persistence keeps what is undelivered. */
  readonly pubsub: RunningPubsub;
  /** Part of the subscriptions' names; `us-central1` when left out. */
  readonly region?: string;
  /** Makes the tokens of triggers that have a service account. */
  readonly mintIdToken?: MintIdToken;
};

/** An Eventarc emulator that runs. It has no address of its own. */
export type RunningEventarc = {
  readonly clock: Clock;
  readonly faults: DeliveryFaultPlan;
  /**
   * Starts carrying events, also those that a trigger of this name has not delivered before a restart.
   * A trigger of this name that runs is replaced. A topic that does not exist is created, as deploying
   * a function does. Returns the subscription's name.
   */
  readonly addTrigger: (trigger: Trigger) => string;
  /** Stops a trigger and forgets what it has not delivered; one that does not exist is ignored. */
  readonly removeTrigger: (name: string) => void;
  readonly triggers: () => readonly Trigger[];
  /** Resolves when no event is under way and none is due at this moment. */
  readonly idle: () => Promise<void>;
  /** Removes every trigger and every planned fault. */
  readonly reset: () => void;
  /** Stops every trigger; what they have not delivered stays in their subscriptions. */
  readonly close: () => void;
};

const REGION_DEFAULT = "us-central1";

/**
 * Starts an Eventarc emulator over a Pub/Sub emulator.
 * Source: https://cloud.google.com/eventarc/docs/overview
 */
export function startEventarc(options: EventarcOptions): RunningEventarc {
  const { pubsub, mintIdToken, region = REGION_DEFAULT } = options;
  const { clock } = pubsub;
  const faults = deliveryFaultPlan();
  const running = new Map<string, { readonly trigger: Trigger; readonly carried: Carried }>();
  function removeTrigger(name: string): void {
    running.get(name)?.carried.remove();
    running.delete(name);
  }
  return {
    clock,
    faults,
    addTrigger: (trigger) => {
      running.get(trigger.name)?.carried.stop();
      pubsub.ensureTopic(trigger.topic);
      const settings = toSubscription(trigger, region);
      const release = (messageId: string): void =>
        running.get(trigger.name)?.carried.release(messageId);
      const carrier = triggerCarrier({ trigger, clock, faults, mintIdToken, release });
      running.set(trigger.name, { trigger, carried: pubsub.carry(settings, carrier) });
      return settings.name;
    },
    removeTrigger,
    triggers: () => [...running.values()].map(({ trigger }) => trigger),
    idle: pubsub.idle,
    reset: () => {
      [...running.keys()].forEach(removeTrigger);
      faults.clear();
    },
    close: () => {
      for (const { carried } of running.values()) {
        carried.stop();
      }
      running.clear();
    },
  };
}
