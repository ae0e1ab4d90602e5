import { TransientError } from "../ports/errors.ts";
import type { Patience } from "../ports/patience.ts";

/** Waits by the machine's clock. */
export function systemPatience(): Patience {
  return {
    within: async (limit, act) => {
      let timer: NodeJS.Timeout | undefined;
      const expired = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          reject(new TransientError("DEADLINE_EXCEEDED", `no answer within ${limit} ms`));
        }, limit);
      });
      try {
        return await Promise.race([act(), expired]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
