import { policyKeeper } from "../kit/access/policy-methods.ts";
import { realClock } from "../kit/clock.ts";
import { parentOf } from "../kit/collection-names.ts";
import { googleError } from "../kit/google-error.ts";
import type { Publisher } from "../kit/publisher.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { RULES } from "./access-rules.ts";
import { toApis } from "./apis.ts";
import { startDelivery, type Delivery } from "./delivery.ts";
import { deliveryFaultPlan, type DeliveryFaultPlan } from "./delivery-faults.ts";
import { publish } from "./backlog.ts";
import type { Exchange } from "./pull.ts";
import type { Pushing } from "./http-push.ts";
import { pushConsumer } from "./push.ts";
import { openState } from "./state.ts";

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
  const keeper = policyKeeper(options, PERSISTED_NAME);
  const state = openState({
    kept: { persistence: options.persistence, name: PERSISTED_NAME },
    retrySpeed: options.retrySpeed,
    onDelete: keeper.forget,
  });
  const pushes = { state, clock, faults, pushing: options, closing: closing.signal, busy, changed };
  const delivery: Delivery = startDelivery(state, clock, (name) => pushConsumer(pushes, name));
  function changed(): void {
    delivery.run();
  }
  const exchange = { state, delivery, clock };
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
        if (state.topics.records.has(topic)) {
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
      if (!state.topics.records.has(name)) {
        state.topics.run.create({ parent: parentOf(name), topic: { name } }, clock.now());
      }
    },
    reset: () => {
      state.topics.records.clear();
      [...state.subscriptions.records.keys()].forEach(state.empty);
      state.subscriptions.records.clear();
      delivery.run();
    },
  };
}
