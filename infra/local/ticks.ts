import type { Publisher } from "../../emulators/kit/publisher.ts";
import { TOPICS, topicName } from "./emulators.ts";

const MINUTE_MS = 60_000;
const MINUTES_AN_HOUR = 60;
const MINUTES_A_DAY = 1440;

/** The ticks that Cloud Scheduler publishes in Google's cloud. */
export type Ticks = {
  /** Ticks at once, as after a restart. */
  readonly now: () => void;
  readonly close: () => void;
};

/** Starts ticking: each minute, each hour and each day from now. */
export function startTicks(publisher: Publisher): Ticks {
  let minutes = 0;
  function tick(kind: "minute" | "hour" | "day"): void {
    const data = new TextEncoder().encode(JSON.stringify({ kind }));
    publisher.publish(topicName(TOPICS.ticks), { data });
  }
  const timer = setInterval(() => {
    minutes += 1;
    tick(minutes % MINUTES_AN_HOUR === 0 ? "hour" : "minute");
    if (minutes % MINUTES_A_DAY === 0) {
      tick("day");
    }
  }, MINUTE_MS);
  return {
    now: () => {
      tick("minute");
    },
    close: () => {
      clearInterval(timer);
    },
  };
}
