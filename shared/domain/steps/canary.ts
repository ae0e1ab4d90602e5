import type { Policy } from "../policy.ts";

/** How many answers in a row must be well for a canary phase to count as well, at the most. */
export const CANARY_PROBES_MAX = 200;

/** How sure it must be that at least one of the answers came from the new release. */
const MISS_MAX = 0.001;

/**
 * How often a service is asked in a canary phase. Only part of the answers come from the new release, so
 * one would say little: so many that all of them come from the old one once in a thousand times.
 */
export function canaryProbes({ canary }: Policy): number {
  const share = Math.min(...canary, 100) / 100;
  const needed = Math.ceil(Math.log(MISS_MAX) / Math.log(1 - Math.min(share, 0.99)));
  return Math.min(CANARY_PROBES_MAX, Math.max(1, needed));
}
