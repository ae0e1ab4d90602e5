import { stageBefore } from "../state.ts";
import { succeededIn } from "../release.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** Open once the release has succeeded in the stage before; always for a first stage or a rollback. */
export function judgeOrder(context: GateContext): Verdict {
  const before = stageBefore(context.state.service, context.environment);
  if (before === null || context.kind === "rollback") {
    return OPEN;
  }
  if (succeededIn(context.release, before.id) !== null) {
    return OPEN;
  }
  return closed(`release ${context.release.id} has not succeeded in ${before.id} yet`);
}
