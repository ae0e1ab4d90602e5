import type { Duration } from "../domain/time.ts";

/** Waits for something for so long and no longer. */
export type Patience = {
  /**
   * What was begun goes on, but nobody waits for it any more once the time is over.
   * @throws TransientError DEADLINE_EXCEEDED then.
   */
  readonly within: <Value>(limit: Duration, act: () => Promise<Value>) => Promise<Value>;
};
