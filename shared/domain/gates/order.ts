import { succeededIn } from "../release.ts";
import { stageBefore } from "../state.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** Open once the release has succeeded in the stage before; always for a first stage. */
export function judgeOrder({ state, environment, release }: GateContext): Verdict {
  const before = stageBefore(state.service, environment);
  if (before === null || succeededIn(release, before.id) !== null) {
    return OPEN;
  }
  return closed(`release ${release.id} has not succeeded in ${before.id} yet`);
}
