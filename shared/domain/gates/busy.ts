import { isUnderWay } from "../rollout.ts";
import { environmentState } from "../state.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/** Open while neither another promotion nor a foreign rollout is under way in the environment. */
export function judgeBusy({ state, environment, promotion }: GateContext): Verdict {
  const { active, foreign } = environmentState(state, environment.id);
  if (active !== null && active.id !== promotion.id) {
    return closed(`promotion ${active.id} is in progress in ${environment.id}`);
  }
  const other = foreign.find((rollout) => isUnderWay(rollout) && rollout.id !== promotion.id);
  return other === undefined
    ? OPEN
    : closed(
        `rollout ${other.id} is under way in ${environment.id}, and no promotion asked for it`,
      );
}
