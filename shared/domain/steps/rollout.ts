import { fact } from "../audit-record.ts";
import {
  perform,
  putEnvironment,
  putPromotion,
  putRelease,
  putTimeline,
  record,
} from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { Effect } from "../effect.ts";
import { endPromotion } from "../change/end.ts";
import { forgetFailure } from "../change/failure.ts";
import { tellBroken } from "../gates/broken.ts";
import { blocking, closedText, judgeGates } from "../gates/judge.ts";
import { isClosed } from "../gates/verdict.ts";
import { asPromotionId } from "../ids.ts";
import { isAt, stepOf, withStep } from "../promotion.ts";
import { imageOf, pushedAtOf, succeededIn } from "../release.ts";
import type { RolloutView } from "../rollout.ts";
import { requestPromotion } from "../change/request.ts";
import { endSoak } from "../soak.ts";
import { environmentState, HEALTHY_MAX, releaseOf } from "../state.ts";
import type { Deployment } from "../state.ts";
import { closedEntry, openEntry } from "../timeline.ts";
import { after } from "../time.ts";
import { raiseFloor } from "./floor.ts";
import { beginStep, finishStep, runOf, say, STEP_MAX } from "./run.ts";
import type { Run } from "./run.ts";
import { entryOf } from "../entry-of.ts";
import { approve, onPhase } from "./steer.ts";

/**
 * The step `rollout`. The steps before may have taken long, so the gates are judged once more. While one is closed, the
 * promotion waits; it goes on when all are open.
 */
export function beginRollout(change: Change, run: Run): Change {
  const { promotion, environment, release } = run;
  const { state, now } = change;
  const gates = judgeGates({ state, environment, release, promotion, now }, promotion.gates);
  if (blocking(gates, promotion.breakGlass).length > 0) {
    const message = `waits: a gate has closed again: ${closedText(gates)}`;
    const told = stepOf(promotion, "rollout")?.message ?? null;
    // The time counts from when the first gate closed, so that gates that come and go do not keep it for ever.
    const deadline = told === null ? after(now, STEP_MAX.gates) : promotion.deadline;
    return told === message
      ? change
      : putPromotion(change, { ...withStep(promotion, "rollout", { message }), gates, deadline });
  }
  const judged = { ...run, promotion: { ...promotion, gates } };
  const closedBefore = new Set(promotion.gates.filter(isClosed).map(({ gate }) => gate));
  const newly = gates.filter(({ gate }) => !closedBefore.has(gate));
  const begun = record(
    beginStep(change, judged.promotion, "rollout"),
    ...tellBroken(judged.promotion, newly),
  );
  return perform(begun, ...rolloutEffects(judged));
}

function rolloutEffects({ promotion, environment, release }: Run): readonly Effect[] {
  const { pipeline, target } = environment;
  const rollout: Effect = {
    kind: "create-rollout",
    promotion: promotion.id,
    pipeline,
    key: { rollout: promotion.id, release: release.id },
    target,
    description: `${promotion.kind} promotion requested by ${promotion.requestedBy}`,
    startingPhase: promotion.kind === "rollback" ? "stable" : null,
  };
  if (release.pipelines.includes(pipeline.id)) {
    return [rollout];
  }
  return [{ kind: "create-release", promotion: promotion.id, pipeline, release }, rollout];
}

/** Cloud Deploy shows a rollout in some state. Only the rollout of an active promotion matters here. */
export function onRolloutObserved(change: Change, rollout: RolloutView): Change {
  const run = runOf(change, asPromotionId(rollout.id));
  return run === null || !isAt(run.promotion, "rollout") ? change : judge(change, run, rollout);
}

function judge(change: Change, run: Run, rollout: RolloutView): Change {
  const { promotion } = run;
  const by = "slipway";
  switch (rollout.state) {
    case "SUCCEEDED":
      return deployed(change, run);
    case "FAILED":
    case "HALTED": {
      const cause = rollout.failure ?? "Cloud Deploy gives no reason";
      const message = `rollout ${rollout.state.toLowerCase()}: ${cause}`;
      return endPromotion(change, promotion, { state: "FAILED", message, by });
    }
    case "CANCELLED":
      return stopped(change, run);
    case "APPROVAL_REJECTED": {
      const message = "the rollout was rejected in Cloud Deploy";
      return endPromotion(change, promotion, { state: "REJECTED", message, by });
    }
    case "PENDING_APPROVAL":
      return promotion.isStopping ? change : approve(change, run);
    case "UNRECOGNIZED": {
      const message = `Cloud Deploy reports ${rollout.rawState}, a state that Slipway does not know`;
      return say(change, promotion, { name: "rollout", message });
    }
    case "IN_PROGRESS":
      return rollout.nextPhase === null || promotion.isStopping
        ? change
        : onPhase(change, run, rollout.nextPhase);
    case "PENDING":
    case "PENDING_RELEASE":
    case "CANCELLING":
      return change;
  }
}

/**
 * The rollout was cancelled. If a canary phase had not proved itself, part of the traffic may still go to the new
 * release. Then the release that ran before is rolled out again.
 */
function stopped(change: Change, run: Run): Change {
  const { promotion, environment, release } = run;
  const { current, waiting } = environmentState(change.state, environment.id);
  const why = stepOf(promotion, "rollout")?.message ?? "in Cloud Deploy";
  const message = `the rollout was cancelled: ${why}`;
  const isFaulty = release.image.bad?.by === "slipway" && promotion.kind !== "rollback";
  // A rollback that a person requested comes before one that Slipway would make.
  const isAsked = waiting.some(({ kind }) => kind === "rollback");
  if (
    !isFaulty ||
    isAsked ||
    current === null ||
    environment.policy.verify?.onFailure !== "rollback"
  ) {
    return endPromotion(change, promotion, { state: "CANCELLED", message, by: "slipway" });
  }
  const over = endPromotion(change, promotion, { state: "ROLLED_BACK", message, by: "slipway" });
  return requestPromotion(over, {
    environment,
    release: releaseOf(over.state, current.release),
    kind: "rollback",
    by: "slipway",
    reason: why,
    breakGlass: null,
    wait: true,
    restores: [],
  });
}

/** The rollout succeeded: the release is there. The steps that follow find out whether it is good. */
function deployed(change: Change, run: Run): Change {
  const { now } = change;
  const { promotion, environment, release } = run;
  const { current, healthy, drift } = environmentState(change.state, environment.id);
  const isSame = current?.release === release.id && drift === null;
  const deployment: Deployment = {
    release: release.id,
    promotion: promotion.id,
    image: imageOf(release),
    tag: release.tag,
    kind: promotion.kind,
    since: now,
    steadySince: isSame ? current.steadySince : now,
    backups: promotion.backups.map(({ id }) => id),
  };
  const ready = isSame ? change : endSoak(change, environment.id);
  const well = forgetFailure(assumeContracted(ready, run), environment.id);
  const placed = putEnvironment(well, environment.id, {
    current: deployment,
    healthy: remember(change, run, healthy),
    drift: null,
    contract: null,
  });
  const replaced =
    current === null ? placed : putTimeline(placed, closedEntry(environment.id, current, now));
  const shown = putTimeline(replaced, openEntry(environment.id, deployment));
  const latest = releaseOf(shown.state, release.id);
  const noted = record(
    putRelease(shown, { ...latest, state: "DEPLOYED" }),
    tell(run, current),
    ...(drift === null ? [] : [tellResolved(run)]),
  );
  return finishStep(noted, promotion, { name: "rollout", message: null });
}

/** Raises the floor for a migration under way that cannot be undone: nobody waits for its end any more. */
function assumeContracted(change: Change, { environment }: Run): Change {
  const { contract } = environmentState(change.state, environment.id);
  const release = contract === null ? undefined : entryOf(change.state.releases, contract.release);
  const isUnderWay = contract !== null && contract.startedBy !== null && !contract.reversible;
  return isUnderWay && release !== undefined
    ? raiseFloor(change, { environment, release, promotion: contract.promotion })
    : change;
}

/** The deployments to go back to. The one that makes way joins them if it is proved and not bad. */
function remember(
  change: Change,
  { environment }: Run,
  healthy: readonly Deployment[],
): readonly Deployment[] {
  const { current } = environmentState(change.state, environment.id);
  const release = current === null ? undefined : entryOf(change.state.releases, current.release);
  const isProved = release !== undefined && succeededIn(release, environment.id) !== null;
  return current !== null && isProved && release.image.bad === null
    ? [current, ...healthy.filter((other) => other.release !== current.release)].slice(
        0,
        HEALTHY_MAX,
      )
    : healthy;
}

/** The fact that a drift is over, because the rollout replaced what ran. */
function tellResolved({ promotion, release }: Run): ReturnType<typeof fact> {
  return fact("drift.resolved", "slipway", {
    environment: promotion.environment,
    release: release.id,
    promotion: promotion.id,
    reason: `promotion ${promotion.id} took its place`,
  });
}

function tell({ promotion, release }: Run, before: Deployment | null): ReturnType<typeof fact> {
  return fact("release.deployed", promotion.requestedBy, {
    environment: promotion.environment,
    release: release.id,
    promotion: promotion.id,
    reason: promotion.reason,
    verdicts: promotion.gates,
    details: {
      image: imageOf(release),
      kind: promotion.kind,
      pushed: pushedAtOf(release),
      replaced: before === null ? "" : before.release,
      ...(release.tag === null ? {} : { tag: release.tag }),
    },
  });
}
