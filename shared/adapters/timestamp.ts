import { instant } from "../domain/time.ts";
import type { Instant } from "../domain/time.ts";

/** A moment as Google's clients give it. */
type Timestamp = {
  readonly seconds?: number | string | { toString: () => string } | null;
  readonly nanos?: number | null;
};

/** A moment, to the millisecond; null when there is none. */
export function toInstant(time: Timestamp | null | undefined): Instant | null {
  return time === null || time === undefined
    ? null
    : instant(Number(time.seconds ?? 0) * 1000 + Math.floor((time.nanos ?? 0) / 1_000_000));
}
