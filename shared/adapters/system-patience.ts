import { TransientError } from "../ports/errors.ts";
import type { Patience } from "../ports/patience.ts";

/** Nobody answered in time. What was waited for, whoever waited knows. */
export class NoAnswerError extends TransientError {
  constructor(limit: number) {
    super("DEADLINE_EXCEEDED", `no answer within ${limit} ms`);
  }
}

/** Waits by the machine's clock. */
export function systemPatience(): Patience {
  return {
    within: async (limit, act) => {
      let timer: NodeJS.Timeout | undefined;
      const expired = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          reject(new NoAnswerError(limit));
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
