import type { ManualClock } from "../../emulators/kit/clock.ts";
import { manualClock } from "../../emulators/kit/clock.ts";
import type { Persistence } from "../../emulators/kit/persistence.ts";
import { startEventarc, type RunningEventarc } from "../../emulators/eventarc/server.ts";
import type { Trigger } from "../../emulators/eventarc/trigger.ts";
import { startPubsub, type RunningPubsub } from "../../emulators/pubsub/server.ts";
import { openEndpoint, type Answer, type Endpoint } from "./pubsub-endpoint.ts";

/** The topic that tests of Eventarc publish to. */
export const TOPIC = "projects/acme/topics/gcr";

/** Pub/Sub and Eventarc on one manual clock. */
export type EventarcBench = {
  readonly clock: ManualClock;
  readonly pubsub: RunningPubsub;
  readonly eventarc: RunningEventarc;
  /** Opens an endpoint that the bench closes. */
  readonly open: (answer?: Answer) => Promise<Endpoint>;
  /** Adds the trigger `fn-1` with retries to an endpoint; returns its subscription. */
  readonly trigger: (endpoint: Endpoint, settings?: Partial<Trigger>) => string;
  /** Publishes texts. */
  readonly publish: (...texts: readonly string[]) => void;
  /** Advances and lets what fell due be answered. */
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** What a bench starts from. */
export type EventarcBenchOptions = {
  readonly clock?: ManualClock;
  readonly persistence?: Persistence;
};

/** Starts both emulators. */
export async function openEventarc(options: EventarcBenchOptions = {}): Promise<EventarcBench> {
  const clock = options.clock ?? manualClock();
  const pubsub = await startPubsub({ ...options, clock });
  const eventarc = startEventarc({
    pubsub,
    mintIdToken: async (email, audience) => Promise.resolve(`token of ${email} for ${audience}`),
  });
  const endpoints: Endpoint[] = [];
  return {
    clock,
    pubsub,
    eventarc,
    open: async (answer) => {
      const endpoint = await openEndpoint(answer);
      endpoints.push(endpoint);
      return endpoint;
    },
    trigger: (endpoint, settings) =>
      eventarc.addTrigger({
        name: "fn-1",
        topic: TOPIC,
        destination: endpoint.url,
        retry: true,
        ...settings,
      }),
    publish: (...texts) => {
      for (const text of texts) {
        pubsub.publisher.publish(TOPIC, { data: Buffer.from(text) });
      }
    },
    pass: async (ms) => {
      await clock.advance(ms);
      await eventarc.idle();
    },
    close: async () => {
      eventarc.close();
      await pubsub.close();
      await Promise.all(endpoints.map((one) => one.close()));
    },
  };
}

/** The texts of the messages that arrived, in order. */
export function arrivedTexts(endpoint: Endpoint): readonly string[] {
  return endpoint.arrived.map(({ body }) => {
    const data = /"data":"(?<data>[^"]*)"/u.exec(body)?.groups?.["data"] ?? "";
    return Buffer.from(data, "base64").toString();
  });
}
