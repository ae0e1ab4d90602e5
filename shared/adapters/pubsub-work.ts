import type { Work } from "../ports/work.ts";
import { toWakeUpText } from "../wire/wake-up.ts";
import type { Publish } from "./pubsub-publisher.ts";

/** The topic by which those who decide wake those who act. */
export const WORK_TOPIC = "slipway-work";

/** Wakes those who act by a Pub/Sub topic. Wake-ups need no order. */
export function pubsubWork(publish: Publish): Work {
  return {
    wake: async (wakeUp) => publish(WORK_TOPIC, [{ data: Buffer.from(toWakeUpText(wakeUp)) }]),
  };
}
