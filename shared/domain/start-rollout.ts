import { perform, putPromotion } from "./change.ts";
import type { Change } from "./change.ts";
import type { Effect } from "./effect.ts";
import { withStep } from "./promotion.ts";
import type { Promotion } from "./promotion.ts";
import { releaseOf } from "./state.ts";
import type { Environment } from "./service.ts";
import { after, days } from "./time.ts";

/** How long a rollout may take before it is given up: as long as Cloud Deploy lets one job run. */
export const ROLLOUT_MAX = days(1);

/** The step `rollout`: makes the promotion the active one and asks Cloud Deploy for its rollout. */
export function startRollout(
  change: Change,
  environment: Environment,
  promotion: Promotion,
): Change {
  const running = withStep(
    { ...promotion, state: "RUNNING", deadline: after(change.now, ROLLOUT_MAX) },
    "rollout",
    { state: "RUNNING", startedAt: change.now },
  );
  return perform(putPromotion(change, running), ...rolloutEffects(change, environment, running));
}

function rolloutEffects(
  change: Change,
  environment: Environment,
  promotion: Promotion,
): readonly Effect[] {
  const release = releaseOf(change.state, promotion.release);
  const { pipeline, target } = environment;
  const rollout: Effect = {
    kind: "create-rollout",
    promotion: promotion.id,
    pipeline,
    key: { rollout: promotion.id, release: release.id },
    target,
    description: `${promotion.kind} promotion requested by ${promotion.requestedBy}`,
  };
  if (release.pipelines.includes(pipeline.id)) {
    return [rollout];
  }
  return [{ kind: "create-release", promotion: promotion.id, pipeline, release }, rollout];
}
