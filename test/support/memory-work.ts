import type { WakeUp } from "../../shared/domain/wake-up.ts";
import type { Work } from "../../shared/ports/work.ts";
import type { MemoryCalls } from "./memory-calls.ts";

/** The port that wakes, in memory: wake-ups wait in the order in which they were sent. */
export function memoryWork(sent: WakeUp[], calls: MemoryCalls): Work {
  return {
    wake: async (wakeUp) =>
      calls.make("work.wake", () => {
        sent.push(wakeUp);
      }),
  };
}
