import { environmentState } from "../state.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** Open while no other promotion runs in the environment. */
export function judgeBusy(context: GateContext): Verdict {
  const { active } = environmentState(context.state, context.environment.id);
  return active === null
    ? OPEN
    : closed(`promotion ${active.id} is in progress in ${context.environment.id}`);
}
