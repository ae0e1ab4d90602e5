import { environmentState } from "../state.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** Open while no other promotion runs in the environment. */
export function judgeBusy({ state, environment, promotion }: GateContext): Verdict {
  const { active } = environmentState(state, environment.id);
  return active === null || active.id === promotion.id
    ? OPEN
    : closed(`promotion ${active.id} is in progress in ${environment.id}`);
}
