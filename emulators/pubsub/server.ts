import { policyKeeper } from "../kit/access/policy-methods.ts";
import type { Clock } from "../kit/clock.ts";
import { realClock } from "../kit/clock.ts";
import type { Publisher } from "../kit/publisher.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { RULES } from "./access-rules.ts";
import { toApis } from "./apis.ts";
import { deliveryFaultPlan, type DeliveryFaultPlan } from "./delivery-faults.ts";
import { startExchange, type Exchange } from "./exchange.ts";
import { createTopic, publish } from "./operations-topics.ts";
import type { Pushing } from "./push.ts";

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
 * @throws Error when the port is taken.
 */
export async function startPubsub(options: PubsubOptions = {}): Promise<RunningPubsub> {
  const clock = options.clock ?? realClock();
  const pushFaults = deliveryFaultPlan();
  const exchange = startExchange({
    clock,
    pushFaults,
    retrySpeed: options.retrySpeed,
    mintIdToken: options.mintIdToken,
    reach: options.reach,
    persistence: options.persistence,
    name: PERSISTED_NAME,
  });
  const keeper = policyKeeper({ ...options, clock }, PERSISTED_NAME);
  const server = await serve({
    ...options,
    clock,
    apis: toApis(exchange, keeper),
    guard: { service: "pubsub.googleapis.com", rules: RULES },
  });
  exchange.settle();
  return {
    ...server,
    ...toInProcess(exchange, clock),
    pushFaults,
    close: async () => {
      await exchange.close();
      await server.close();
    },
  };
}

function toInProcess(
  exchange: Exchange,
  clock: Clock,
): Pick<RunningPubsub, "publisher" | "ensureTopic" | "idle" | "reset"> {
  const { state, settle, busy } = exchange;
  return {
    publisher: {
      publish: (topic, { data, attributes = {}, orderingKey = "" }) => {
        if (state.topics.has(topic)) {
          const base64 = Buffer.from(data ?? []).toString("base64");
          publish(
            state,
            { topic, messages: [{ data: base64, attributes, orderingKey }] },
            clock.now(),
          );
          settle();
        }
      },
    },
    ensureTopic: (name) => {
      if (!state.topics.has(name)) {
        createTopic(state, { name });
        settle();
      }
    },
    idle: async () => {
      while (busy.size > 0) {
        await Promise.all(busy);
      }
    },
    reset: () => {
      state.topics.clear();
      [...state.subscriptions.keys()].forEach((name) => state.touched.add(name));
      state.subscriptions.clear();
      settle();
    },
  };
}
