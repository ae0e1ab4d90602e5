import { fact } from "./audit-record.ts";
import {
  perform,
  putEnvironment,
  putPromotion,
  putRelease,
  putTimeline,
  record,
} from "./change.ts";
import type { Change } from "./change.ts";
import { endPromotion } from "./end.ts";
import { ended, withStep } from "./promotion.ts";
import type { Promotion } from "./promotion.ts";
import { imageOf } from "./release.ts";
import { requestPromotion } from "./request.ts";
import type { RolloutView } from "./rollout.ts";
import type { Environment } from "./service.ts";
import {
  environmentState,
  findEnvironment,
  openPromotions,
  releaseOf,
  stageAfter,
} from "./state.ts";
import type { Deployment } from "./state.ts";
import { closedEntry, openEntry } from "./timeline.ts";

/** Cloud Deploy shows a rollout in some state. Only the rollout of an active promotion means anything. */
export function onRolloutObserved(change: Change, rollout: RolloutView): Change {
  const promotion = openPromotions(change.state).find(
    (open) => open.id === rollout.id && open.state === "RUNNING",
  );
  if (promotion === undefined) {
    return change;
  }
  const environment = findEnvironment(change.state.service, promotion.environment);
  return environment === null ? change : judge(change, { promotion, environment, rollout });
}

type Observed = {
  readonly promotion: Promotion;
  readonly environment: Environment;
  readonly rollout: RolloutView;
};

function judge(change: Change, observed: Observed): Change {
  const { promotion, rollout } = observed;
  const by = "slipway";
  switch (rollout.state) {
    case "SUCCEEDED":
      return succeed(change, promotion, observed.environment);
    case "FAILED":
    case "HALTED": {
      const cause = rollout.failure ?? "Cloud Deploy gives no reason";
      const message = `rollout ${rollout.state.toLowerCase()}: ${cause}`;
      return endPromotion(change, promotion, { state: "FAILED", message, by });
    }
    case "CANCELLED": {
      const why = promotion.steps.find(({ name }) => name === "rollout")?.message;
      const message = `the rollout was cancelled: ${why ?? "in Cloud Deploy"}`;
      return endPromotion(change, promotion, { state: "CANCELLED", message, by });
    }
    case "APPROVAL_REJECTED": {
      const message = "the rollout was rejected in Cloud Deploy";
      return endPromotion(change, promotion, { state: "REJECTED", message, by });
    }
    case "PENDING_APPROVAL":
      return say(change, promotion, "waits for an approval in Cloud Deploy");
    case "UNRECOGNIZED":
      return say(change, promotion, `Cloud Deploy reports ${rollout.rawState}, which is not known`);
    case "IN_PROGRESS":
      return rollout.nextPhase === null ? change : advance(change, observed, rollout.nextPhase);
    case "PENDING":
    case "PENDING_RELEASE":
    case "CANCELLING":
      return change;
  }
}

function say(change: Change, promotion: Promotion, message: string): Change {
  const step = promotion.steps.find(({ name }) => name === "rollout");
  return step?.message === message
    ? change
    : putPromotion(change, withStep(promotion, "rollout", { message }));
}

function advance(change: Change, observed: Observed, phase: string): Change {
  const { promotion, environment } = observed;
  const message = `phase ${phase} follows`;
  const told = say(change, promotion, message);
  return told === change
    ? change
    : perform(told, {
        kind: "advance-rollout",
        promotion: promotion.id,
        pipeline: environment.pipeline,
        key: { rollout: promotion.id, release: promotion.release },
        phase,
      });
}

function succeed(change: Change, promotion: Promotion, environment: Environment): Change {
  const { now } = change;
  const release = releaseOf(change.state, promotion.release);
  const { current } = environmentState(change.state, environment.id);
  const deployment: Deployment = {
    release: release.id,
    promotion: promotion.id,
    image: imageOf(release),
    tag: release.tag,
    kind: promotion.kind,
    since: now,
  };
  const proved = putRelease(change, {
    ...release,
    state: "DEPLOYED",
    succeededIn: { ...release.succeededIn, [environment.id]: now },
  });
  const done = withStep(promotion, "rollout", { state: "SUCCEEDED", endedAt: now, message: null });
  const over = putPromotion(proved, ended(done, { state: "SUCCEEDED", message: null, at: now }));
  const placed = putEnvironment(over, environment.id, { current: deployment, drift: null });
  const replaced =
    current === null ? placed : putTimeline(placed, closedEntry(environment.id, current, now));
  const shown = putTimeline(replaced, openEntry(environment.id, deployment));
  const recorded = record(
    shown,
    fact("promotion.succeeded", promotion.requestedBy, {
      environment: environment.id,
      release: release.id,
      promotion: promotion.id,
      reason: promotion.reason,
      verdicts: promotion.gates,
      details: {
        image: imageOf(release),
        kind: promotion.kind,
        replaced: current === null ? "" : current.release,
        ...(release.tag === null ? {} : { tag: release.tag }),
      },
    }),
  );
  return promoteOnward(recorded, promotion, environment);
}

/** The stage after takes the release by itself where its policy says so. */
function promoteOnward(change: Change, promotion: Promotion, environment: Environment): Change {
  const next = stageAfter(change.state.service, environment);
  if (next === null || next.policy.promotion !== "automatic" || promotion.kind === "rollback") {
    return change;
  }
  return requestPromotion(change, {
    environment: next,
    release: releaseOf(change.state, promotion.release),
    kind: "automatic",
    by: "slipway",
    reason: `succeeded in ${environment.id}`,
    breakGlass: null,
    wait: true,
  });
}
