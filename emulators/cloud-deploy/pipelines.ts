import { badRequest } from "../kit/google-error.ts";
import { checkId } from "./checks.ts";
import type {
  Canary,
  DeliveryPipeline,
  Draft,
  PipelineCondition,
  Stage,
  Target,
} from "./configuration.ts";
import { locationOf } from "./names.ts";
import type { State } from "./state.ts";

/**
 * Checks what the caller says about a pipeline.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkPipeline(draft: Draft<DeliveryPipeline>): void {
  const stages = draft.serialPipeline?.stages ?? [];
  const targetIds = stages.map((stage) =>
    checkId(stage.targetId, "serial_pipeline.stages.target_id"),
  );
  if (new Set(targetIds).size !== targetIds.length) {
    throw badRequest("serial_pipeline.stages", "A target must not be in a pipeline twice");
  }
  for (const { strategy } of stages) {
    if (strategy?.canary !== undefined) {
      checkCanary(strategy.canary);
    }
  }
}

/** The pipeline as it is returned: with its condition at present. */
export function withCondition(state: State, pipeline: DeliveryPipeline): DeliveryPipeline {
  return { ...pipeline, condition: conditionOf(state, pipeline) };
}

/** The name of a stage's target. */
export function targetName(pipelineName: string, stage: Stage): string {
  return `${locationOf(pipelineName)}/targets/${stage.targetId ?? ""}`;
}

/** What kind of place a target is. */
export function targetKind(target: Target): "gke" | "anthos" | "run" | "multi" | "custom" | "none" {
  if (target.run !== undefined) {
    return "run";
  }
  if (target.customTarget !== undefined) {
    return "custom";
  }
  if (target.gke !== undefined) {
    return "gke";
  }
  if (target.anthosCluster !== undefined) {
    return "anthos";
  }
  return target.multiTarget === undefined ? "none" : "multi";
}

function conditionOf(state: State, pipeline: DeliveryPipeline): PipelineCondition {
  const names = (pipeline.serialPipeline?.stages ?? []).map((stage) =>
    targetName(pipeline.name, stage),
  );
  const missingTargets = names.filter((name) => !state.targets.has(name));
  const targets = names.flatMap((name) => state.targets.get(name) ?? []);
  const kinds = new Set(targets.map(targetKind));
  const isPresent = missingTargets.length === 0;
  const isOneType = kinds.size <= 1;
  const updateTime =
    [pipeline, ...targets]
      .map((one) => one.updateTime ?? one.createTime)
      .toSorted()
      .at(-1) ?? "";
  return {
    pipelineReadyCondition: { status: isPresent && isOneType, updateTime },
    targetsPresentCondition: { status: isPresent, missingTargets, updateTime },
    targetsTypeCondition: {
      status: isOneType,
      errorDetails: isOneType ? "" : `The targets are of different types: ${[...kinds].join(", ")}`,
    },
  };
}

function checkCanary(canary: Canary): void {
  const custom = canary.customCanaryDeployment;
  if (custom !== undefined) {
    checkCustomCanary(custom.phaseConfigs ?? []);
    return;
  }
  const percentages = canary.canaryDeployment?.percentages ?? [];
  const isAscending = percentages.every((one, at) => at === 0 || one > (percentages[at - 1] ?? 0));
  if (
    percentages.length === 0 ||
    !isAscending ||
    percentages.some((one) => one < 0 || one >= 100)
  ) {
    throw badRequest(
      "strategy.canary.canary_deployment.percentages",
      `Canary percentages must ascend from 0 to 99, but are [${percentages.join(", ")}]`,
    );
  }
}

function checkCustomCanary(
  phases: NonNullable<NonNullable<Canary["customCanaryDeployment"]>["phaseConfigs"]>,
): void {
  const field = "strategy.canary.custom_canary_deployment.phase_configs";
  const ids = phases.map((phase) => checkId(phase.phaseId, `${field}.phase_id`));
  if (ids.length === 0 || new Set(ids).size !== ids.length) {
    throw badRequest(field, "A custom canary needs phases, and no phase id twice");
  }
  if (phases.some(({ percentage = 0 }) => percentage < 0 || percentage > 100)) {
    throw badRequest(`${field}.percentage`, "A percentage must be from 0 to 100");
  }
}
