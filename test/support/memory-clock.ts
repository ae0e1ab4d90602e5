import { instant } from "../../shared/domain/time.ts";
import type { Clock } from "../../shared/ports/clock.ts";

/** A clock that moves only when a test says so. */
export type MemoryClock = Clock & { readonly advance: (byMs: number) => void };

/** When every test begins unless it says otherwise. */
export const TEST_START_MS = Date.parse("2026-11-20T10:00:00Z");

/** A clock that stands at the given time, in milliseconds since the epoch, until it is advanced. */
export function memoryClock(startMs: number = TEST_START_MS): MemoryClock {
  let nowMs = startMs;
  return {
    now: () => instant(nowMs),
    advance: (byMs) => {
      nowMs += byMs;
    },
  };
}
