import { TransientError } from "../../shared/ports/errors.ts";
import type { Patience } from "../../shared/ports/patience.ts";

/** Patience that lasts until a test says that it is over. */
export type MemoryPatience = Patience & {
  /** How many wait now. */
  readonly waiting: () => number;
  /** Ends every wait that is under way. */
  readonly lapse: () => void;
};

/** Waits as long as it takes, or until it is told that the time is over. */
export function memoryPatience(): MemoryPatience {
  const waits = new Set<(error: Error) => void>();
  return {
    waiting: () => waits.size,
    within: async (_limit, act) => {
      const { promise, reject } = Promise.withResolvers<never>();
      waits.add(reject);
      try {
        return await Promise.race([act(), promise]);
      } finally {
        waits.delete(reject);
      }
    },
    lapse: () => {
      for (const reject of waits) {
        reject(new TransientError("DEADLINE_EXCEEDED", "the time is over"));
      }
    },
  };
}
