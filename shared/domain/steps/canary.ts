import type { Policy } from "../policy.ts";

/** How many answers in a row must be good, at the most, for a canary phase to count as good. */
export const CANARY_PROBES_MAX = 200;

/** How likely it may be that none of the answers came from the new release. */
const MISS_MAX = 0.001;

/**
 * How often a service is asked in a canary phase. Only part of the answers come from the new release, so one answer
 * says little. It is asked so often that only once in a thousand times all answers come from the old release.
 */
export function canaryProbes({ canary }: Policy): number {
  const share = Math.min(...canary, 100) / 100;
  const needed = Math.ceil(Math.log(MISS_MAX) / Math.log(1 - Math.min(share, 0.99)));
  return Math.min(CANARY_PROBES_MAX, Math.max(1, needed));
}
