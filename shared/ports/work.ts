import type { WakeUp } from "../domain/wake-up.ts";

/** Those who do what was decided. */
export type Work = {
  /**
   * Wakes them. One that is lost, repeated or late is harmless: the tick finds what is left.
   * @throws TransientError or PermanentError when they cannot be told.
   */
  readonly wake: (wakeUp: WakeUp) => Promise<void>;
};
