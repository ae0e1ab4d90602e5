import { succeededIn } from "../release.ts";
import { soakIn } from "../soak.ts";
import { stageBefore } from "../state.ts";
import { after, lengthText } from "../time.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Open once the release, proved, has run in the stage before for as long as the policy asks, without a break. A
 * release that has soaked once has soaked for good: neither newer releases there nor its return begin the time anew.
 */
export function judgeSoak({ state, environment, release, now }: GateContext): Verdict {
  const before = stageBefore(state.service, environment);
  const { soak } = environment.policy;
  if (before === null || soak === 0) {
    return OPEN;
  }
  const { since, longest } = soakIn(state, before.id, release);
  if (longest >= soak) {
    return OPEN;
  }
  if (since !== null) {
    const end = after(since, soak);
    return now >= end ? OPEN : closed(`release ${release.id} soaks in ${before.id}`, end);
  }
  if (succeededIn(release, before.id) === null) {
    return closed(
      `release ${release.id} has not succeeded in ${before.id} yet, so it does not soak there`,
    );
  }
  return closed(
    `release ${release.id} no longer runs in ${before.id}: it must run there for ${lengthText(soak)} without a break, and its longest run was ${lengthText(longest)}`,
  );
}
