import { perform, putPromotion } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { Effect } from "../effect.ts";
import { withStep } from "../promotion.ts";
import type { Promotion } from "../promotion.ts";
import { canaryProbes } from "./canary.ts";
import type { Run } from "./run.ts";

/** Cloud Deploy asks for an approval itself: ours is passed on; if the policy has none, a person is waited for. */
export function approve(change: Change, run: Run): Change {
  const { promotion, environment } = run;
  if (promotion.rolloutApproval !== "unasked") {
    return change;
  }
  const isBroken = promotion.breakGlass?.gates.includes("approval") === true;
  return environment.policy.approvals !== null || isBroken
    ? passOnApproval(change, run)
    : askForApproval(change, promotion);
}

function askForApproval(change: Change, promotion: Promotion): Change {
  const message = "waits for an approval: approve it in Cloud Deploy, or approve the promotion";
  const waiting = { ...promotion, rolloutApproval: "awaited" as const };
  return putPromotion(change, withStep(waiting, "rollout", { message }));
}

/** Tells Cloud Deploy, which asks for an approval itself, that the rollout is approved. */
export function passOnApproval(change: Change, { promotion, environment }: Run): Change {
  const message = "is approved in Cloud Deploy as well";
  const passed = { ...promotion, rolloutApproval: "passed-on" as const };
  return perform(putPromotion(change, withStep(passed, "rollout", { message })), {
    kind: "approve-rollout",
    promotion: promotion.id,
    pipeline: environment.pipeline,
    key: { rollout: promotion.id, release: promotion.release },
  });
}

/** A phase waits. It follows once the phase before has proved itself, or at once if nothing is verified. */
export function onPhase(change: Change, run: Run, phase: string): Change {
  const { promotion, environment } = run;
  if (promotion.nextPhase === phase || promotion.advancedTo === phase) {
    return change;
  }
  if (environment.policy.verify === null || promotion.kind === "rollback") {
    return advance(change, run, phase);
  }
  const message = `phase ${phase} follows once this one is verified`;
  const waiting = withStep({ ...promotion, nextPhase: phase, probeFailures: 0 }, "rollout", {
    message,
  });
  return perform(putPromotion(change, waiting), {
    kind: "probe",
    promotion: promotion.id,
    environment,
    times: canaryProbes(environment.policy),
  });
}

/** Asks Cloud Deploy for the phase, and remembers that: an old look may show the phase as waiting again. */
export function advance(change: Change, run: Run, phase: string): Change {
  const { promotion, environment } = run;
  const advanced = { ...promotion, nextPhase: null, advancedTo: phase };
  const message = `phase ${phase} follows`;
  return perform(putPromotion(change, withStep(advanced, "rollout", { message })), {
    kind: "advance-rollout",
    promotion: promotion.id,
    pipeline: environment.pipeline,
    key: { rollout: promotion.id, release: promotion.release },
    phase,
  });
}

/**
 * Tells a promotion's rollout to stop, unless it was told before. The promotion stays active until Cloud Deploy says
 * that the rollout has stopped.
 */
export function stopRollout(change: Change, run: Run, message: string): Change {
  return run.promotion.isStopping ? change : tellToStop(change, run, message);
}

/** Tells a promotion's rollout to stop, even if it was told before. */
export function tellToStop(change: Change, run: Run, message: string): Change {
  const { promotion, environment } = run;
  const stopping = { ...promotion, nextPhase: null, isStopping: true };
  const told = putPromotion(change, withStep(stopping, "rollout", { message }));
  return perform(told, cancelEffect(promotion, environment.pipeline));
}

function cancelEffect(promotion: Promotion, pipeline: Run["environment"]["pipeline"]): Effect {
  return {
    kind: "cancel-rollout",
    promotion: promotion.id,
    pipeline,
    key: { rollout: promotion.id, release: promotion.release },
  };
}
