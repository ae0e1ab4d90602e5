import { googleError } from "../kit/google-error.ts";
import { checkId, requiredText } from "./checks.ts";
import type { Draft } from "./configuration.ts";
import { ancestorOf, canonicalName, idOf, isBelow } from "./names.ts";
import { checkNotSuspended } from "./releases.ts";
import type { Rollout } from "./rollout.ts";
import { checkRollout, commitRollout } from "./rollouts.ts";
import { planPhases, STABLE, stageOf } from "./strategy.ts";
import { find, put, type World } from "./world.ts";

/** The request of RollbackTarget. */
export type RollbackTargetRequest = {
  readonly name?: string;
  readonly targetId?: string;
  readonly rolloutId?: string;
  readonly releaseId?: string;
  readonly rolloutToRollBack?: string;
  readonly rollbackConfig?: {
    readonly rollout?: Draft<Rollout>;
    readonly startingPhaseId?: string;
  };
  readonly validateOnly?: boolean;
};

/**
 * Rolls a target back: creates a rollout of the release before, or of the one named, at phase `stable`
 * unless another is asked for. `rolloutToRollBack` guards against a newer rollout.
 * Source: https://cloud.google.com/deploy/docs/roll-back
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION
 */
export function rollbackTarget(world: World, request: RollbackTargetRequest): object {
  const pipeline = find(world.state.pipelines, canonicalName(world.state.projects, request.name));
  const targetId = requiredText(request.targetId, "target_id");
  const rolloutId = checkId(request.rolloutId, "rollout_id");
  checkNotSuspended(pipeline);
  if (stageOf(pipeline, targetId) === undefined) {
    throw googleError(
      "NOT_FOUND",
      `Target "${targetId}" is not in DeliveryPipeline '${pipeline.name}'`,
    );
  }
  const rollouts = [...world.state.rollouts.values()].filter(
    (one) => one.targetId === targetId && isBelow(one.name, pipeline.name),
  );
  const rolledBack = rolloutToRollBack(rollouts, request);
  const releaseName = releaseToGoBackTo(world, {
    rollouts,
    rolledBack,
    request,
    pipelineName: pipeline.name,
  });
  const wanted = {
    name: `${releaseName}/rollouts/${rolloutId}`,
    draft: { ...request.rollbackConfig?.rollout, targetId },
    startingPhaseId: startingPhase(world, releaseName, {
      targetId,
      asked: request.rollbackConfig?.startingPhaseId,
    }),
    rollbackOfRollout: rolledBack.name,
  };
  const preview = checkRollout(world, wanted);
  const { startingPhaseId } = wanted;
  if (request.validateOnly === true) {
    return {
      rollbackConfig: {
        rollout: { ...preview, rollbackOfRollout: rolledBack.name },
        startingPhaseId,
      },
    };
  }
  const rolledBackByRollouts = [...(rolledBack.rolledBackByRollouts ?? []), wanted.name];
  put(world.state.rollouts, { ...rolledBack, rolledBackByRollouts });
  return { rollbackConfig: { rollout: commitRollout(world, wanted), startingPhaseId } };
}

/** Rollouts are in the order of their creation, so the last is the latest. */
function rolloutToRollBack(rollouts: readonly Rollout[], request: RollbackTargetRequest): Rollout {
  const latest = rollouts.at(-1);
  if (latest === undefined) {
    throw googleError(
      "FAILED_PRECONDITION",
      `Nothing was ever rolled out to target "${request.targetId ?? ""}"`,
    );
  }
  const guard = idOf(request.rolloutToRollBack ?? "");
  if (guard !== "" && guard !== idOf(latest.name)) {
    throw googleError(
      "FAILED_PRECONDITION",
      `Rollout "${guard}" is not the latest on the target; that is '${latest.name}'`,
    );
  }
  return latest;
}

type Search = {
  readonly rollouts: readonly Rollout[];
  readonly rolledBack: Rollout;
  readonly request: RollbackTargetRequest;
  readonly pipelineName: string;
};

/** The release named, or that of the last success before; releases that were abandoned are passed over. */
function releaseToGoBackTo(
  world: World,
  { rollouts, rolledBack, request, pipelineName }: Search,
): string {
  const { releaseId = "" } = request;
  if (releaseId !== "") {
    return find(world.state.releases, `${pipelineName}/releases/${releaseId}`).name;
  }
  const names = rollouts
    .filter((one) => one.state === "SUCCEEDED" && one.name !== rolledBack.name)
    .map((one) => ancestorOf(one.name, "releases"))
    .filter((name) => world.state.releases.get(name)?.abandoned !== true);
  const previous = names.at(-1);
  if (previous === undefined) {
    throw googleError(
      "FAILED_PRECONDITION",
      `Target "${rolledBack.targetId}" has no earlier successful rollout to go back to`,
    );
  }
  return previous;
}

function startingPhase(
  world: World,
  releaseName: string,
  { targetId, asked = "" }: { readonly targetId: string; readonly asked: string | undefined },
): string {
  if (asked !== "") {
    return asked;
  }
  const stage = stageOf(find(world.state.releases, releaseName).deliveryPipelineSnapshot, targetId);
  const phases = stage === undefined ? [] : planPhases(stage).map(({ id }) => id);
  return phases.includes(STABLE) ? STABLE : (phases.at(-1) ?? STABLE);
}
