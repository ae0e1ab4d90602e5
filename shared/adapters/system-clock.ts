import { instant } from "../domain/time.ts";
import type { Clock } from "../ports/clock.ts";

/** The machine's clock. */
export function systemClock(): Clock {
  return { now: () => instant(Date.now()) };
}
