import type { Clock } from "../kit/clock.ts";

/** Room for so many requests at once. */
export type Capacity = {
  /** Resolves when there is room: with what gives it back, once, or with null when there was none for too long. */
  readonly enter: () => Promise<(() => void) | null>;
};

/**
 * How long a request waits for an instance.
 * Source: https://cloud.google.com/run/docs/about-instance-autoscaling (pending requests)
 */
export const PENDING_MAX_MS = 10_000;

/** Room for as many as there are places; those who come then wait in line. */
export function capacityOf(places: number, clock: Clock): Capacity {
  let free = places;
  const waiting = new Set<() => void>();
  function leave(): void {
    const [next] = waiting;
    if (next === undefined) {
      free += 1;
      return;
    }
    waiting.delete(next);
    next();
  }
  return {
    enter: async () => {
      if (free > 0) {
        free -= 1;
        return leave;
      }
      return new Promise((resolve) => {
        const timer = clock.at(clock.now() + PENDING_MAX_MS, () => {
          waiting.delete(take);
          resolve(null);
        });
        function take(): void {
          timer.cancel();
          resolve(leave);
        }
        waiting.add(take);
      });
    },
  };
}
