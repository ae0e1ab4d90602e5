import { succeededIn } from "../release.ts";
import { soakIn } from "../soak.ts";
import { stageBefore } from "../state.ts";
import { after, lengthText } from "../time.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Open once the release has been proved and what runs in the stage before for as long as the policy asks, without
 * a break. Once it has, it has for good: neither newer releases there nor its return begin that time anew.
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
    return closed(`release ${release.id} does not soak in ${before.id} yet`);
  }
  return closed(
    `release ${release.id} is not what runs in ${before.id}, where it must run for ${lengthText(soak)} without a break and ran for ${lengthText(longest)}`,
  );
}
