import type { v1 } from "@google-cloud/pubsub";
import type { Work } from "../ports/work.ts";
import { toWakeUpText } from "../wire/wake-up.ts";
import { endpointOptions, lazily, ONE_CALL } from "./grpc-endpoint.ts";
import type { GrpcEndpoint } from "./grpc-endpoint.ts";
import { callOutside } from "./outside-call.ts";

/** The topic by which those who decide wake those who act. */
export const WORK_TOPIC = "slipway-work";

/** Wakes those who act by a Pub/Sub topic. Wake-ups need no order. */
export function pubsubWork(options: {
  /** The project that Slipway runs in. */
  readonly project: string;
  readonly endpoint: GrpcEndpoint;
}): Work {
  const topic = `projects/${options.project}/topics/${WORK_TOPIC}`;
  const publisher = lazily(async (): Promise<v1.PublisherClient> => {
    const { v1: clients } = await import("@google-cloud/pubsub");
    return new clients.PublisherClient(await endpointOptions(options.endpoint));
  });
  return {
    wake: async (wakeUp) => {
      const messages = [{ data: Buffer.from(toWakeUpText(wakeUp)) }];
      await callOutside(topic, async () =>
        (await publisher()).publish({ topic, messages }, ONE_CALL),
      );
    },
  };
}
