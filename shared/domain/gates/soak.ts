import { succeededIn } from "../release.ts";
import { stageBefore } from "../state.ts";
import { after } from "../time.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Open once the release has been proved in the stage before for as long as the policy asks, counted from
 * when it was; newer releases there neither begin that time anew nor end it.
 */
export function judgeSoak({ state, environment, release, now }: GateContext): Verdict {
  const before = stageBefore(state.service, environment);
  const { soak } = environment.policy;
  if (before === null || soak === 0) {
    return OPEN;
  }
  const proved = succeededIn(release, before.id);
  if (proved === null) {
    return closed(`release ${release.id} does not soak in ${before.id} yet`);
  }
  const end = after(proved, soak);
  return now >= end ? OPEN : closed(`release ${release.id} soaks in ${before.id}`, end);
}
