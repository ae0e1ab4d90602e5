import type { Instant } from "../domain/time.ts";

/** Tells the time. */
export type Clock = {
  readonly now: () => Instant;
};
