import { policyKeeper } from "../kit/access/policy-methods.ts";
import { realClock } from "../kit/clock.ts";
import { googleError } from "../kit/google-error.ts";
import type { Publisher } from "../kit/publisher.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { RULES } from "./access-rules.ts";
import { toApis } from "./apis.ts";
import { startDelivery, type Delivery } from "./delivery.ts";
import { deliveryFaultPlan, type DeliveryFaultPlan } from "./delivery-faults.ts";
import { keepState } from "./kept.ts";
import { publish } from "./operations-messages.ts";
import { createTopic } from "./operations-resources.ts";
import type { Exchange } from "./pull.ts";
import { pushConsumer, type PushContext, type Pushing } from "./push.ts";
import { emptyState } from "./state.ts";

/** How to start the emulator; everything may be left out. Push subscriptions that ask for a token need `mintIdToken`. */
export type PubsubOptions = EmulatorOptions &
  Pushing & {
    /** How many times sooner than its policy says a message comes again that failed; 1 when left out. */
    readonly retrySpeed?: number | undefined;
  };

/** A Pub/Sub emulator that runs, and what other emulators in the process do with it. */
export type RunningPubsub = RunningServer & {
  readonly publisher: Publisher;
  /** What is to go wrong with pushes, by the subscription's id. */
  readonly pushFaults: DeliveryFaultPlan;
  /** Creates a topic, `projects/P/topics/T`, unless it exists. */
  readonly ensureTopic: (name: string) => void;
  /** Resolves when no push is under way, and none is due at this moment. */
  readonly idle: () => Promise<void>;
};

const PERSISTED_NAME = "pubsub";

/**
 * Starts a Pub/Sub emulator on the loopback interface, for gRPC and REST.
 * Source: https://cloud.google.com/pubsub/docs/reference/rpc
 * @throws Error when the port is taken, StoreError when what was kept cannot be read.
 */
export async function startPubsub(options: PubsubOptions = {}): Promise<RunningPubsub> {
  const clock = options.clock ?? realClock();
  const faults = deliveryFaultPlan();
  const closing = new AbortController();
  const busy = new Set<Promise<void>>();
  const state = emptyState(options.retrySpeed);
  keepState(options.persistence, PERSISTED_NAME, state);
  const { signal } = closing;
  const pushes: PushContext = {
    state,
    clock,
    faults,
    pushing: options,
    closing: signal,
    busy,
    changed,
  };
  const delivery: Delivery = startDelivery(state, clock, (name) => pushConsumer(pushes, name));
  function changed(): void {
    delivery.run();
  }
  const exchange = { state, delivery, clock };
  const keeper = policyKeeper(options, PERSISTED_NAME);
  const server = await serve({
    ...options,
    clock,
    apis: toApis(exchange, keeper),
    guard: { service: "pubsub.googleapis.com", rules: RULES },
  });
  delivery.run();
  return {
    ...server,
    ...toInProcess(exchange),
    pushFaults: faults,
    idle: async () => {
      while (busy.size > 0) {
        await Promise.all(busy);
      }
    },
    close: async () => {
      // Cuts off what is under way and refuses whoever waits.
      closing.abort();
      delivery.stop(googleError("UNAVAILABLE", "The emulator is closing"));
      await Promise.all(busy);
      await server.close();
    },
  };
}

function toInProcess({
  state,
  delivery,
  clock,
}: Exchange): Pick<RunningPubsub, "publisher" | "ensureTopic" | "reset"> {
  return {
    publisher: {
      publish: (topic, { data, attributes = {}, orderingKey = "" }) => {
        if (state.topics.has(topic)) {
          const message = {
            data: Buffer.from(data ?? []).toString("base64"),
            attributes,
            orderingKey,
          };
          publish(state, { topic, messages: [message] }, clock.now());
          delivery.run();
        }
      },
    },
    ensureTopic: (name) => {
      if (!state.topics.has(name)) {
        createTopic(state, { name });
      }
    },
    reset: () => {
      state.topics.clear();
      [...state.subscriptions.keys()].forEach((name) => state.touched.add(name));
      state.subscriptions.clear();
      delivery.run();
    },
  };
}
