import { isBelow } from "../kit/collection-names.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { checkUserFields, IDS } from "./checks.ts";
import { locationOf } from "./names.ts";
import type { DeliveryPipeline, PipelineDraft, Stage } from "./resources.ts";
import type { World } from "./world.ts";

/** One phase of a stage's strategy. */
export type PhasePlan = {
  readonly id: string;
  /** Traffic of the new version, from 0 to 100. */
  readonly percentage: number;
};

/** What stages can say on Google Cloud and not here. */
export const STAGES_LACK = [
  ...["verify", "predeploy", "postdeploy"].flatMap((field) => [
    `strategy.standard.${field}`,
    `strategy.canary.canaryDeployment.${field}`,
  ]),
  "strategy.canary.customCanaryDeployment",
  "deployParameters.matchTargetLabels",
].map((field) => `serialPipeline.stages.${field}`);

/**
 * Checks what is said of a pipeline.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines
 * @throws GoogleError INVALID_ARGUMENT
 */
export function checkPipeline(draft: PipelineDraft): void {
  checkUserFields(draft);
  const stages = draft.serialPipeline?.stages ?? [];
  const targetIds = stages.map(({ targetId = "" }) => targetId);
  const bad = targetIds.find((id) => !IDS.pattern.test(id));
  if (bad !== undefined) {
    throw badRequest(
      "serial_pipeline.stages.target_id",
      `Invalid target_id "${bad}": it must be ${IDS.rule}`,
    );
  }
  if (new Set(targetIds).size !== targetIds.length) {
    throw badRequest("serial_pipeline.stages", "A target must not be in a pipeline twice");
  }
  for (const { strategy } of stages) {
    if (strategy?.canary !== undefined) {
      checkPercentages(strategy.canary.canaryDeployment?.percentages ?? []);
    }
  }
}

/** The stage of a pipeline that deploys to a target, or undefined. */
export function stageOf(pipeline: DeliveryPipeline, targetId: string): Stage | undefined {
  return pipeline.serialPipeline?.stages?.find((stage) => stage.targetId === targetId);
}

/** The name of a stage's target. */
export function targetName(pipelineName: string, { targetId = "" }: Stage): string {
  return `${locationOf(pipelineName)}/targets/${targetId}`;
}

/**
 * The phases of a stage in their order: `stable` alone, or `canary-<percentage>` … `stable`.
 * Source: https://cloud.google.com/deploy/docs/deployment-strategies/manage-rollout
 */
export function planPhases({ strategy }: Stage): readonly PhasePlan[] {
  const percentages = strategy?.canary?.canaryDeployment?.percentages ?? [];
  return [
    ...percentages.map((percentage) => ({ id: `canary-${percentage}`, percentage })),
    { id: "stable", percentage: 100 },
  ];
}

/** Refuses what a suspended pipeline blocks. Source: https://cloud.google.com/deploy/docs/suspend-pipeline @throws GoogleError FAILED_PRECONDITION */
export function checkNotSuspended(pipeline: DeliveryPipeline): void {
  if (pipeline.suspended === true) {
    throw googleError("FAILED_PRECONDITION", `DeliveryPipeline '${pipeline.name}' is suspended`);
  }
}

/**
 * A pipeline with releases is only deleted by force, and then with all that is below it.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines/delete
 * @throws GoogleError FAILED_PRECONDITION
 */
export function deleteReleases(world: World, pipeline: string, isForced: boolean): void {
  const { releases, rollouts, jobRuns, work } = world;
  const below = [releases, rollouts, jobRuns].flatMap(({ records }) =>
    [...records.keys()]
      .filter((name) => isBelow(name, pipeline))
      .map((name) => () => records.delete(name)),
  );
  if (below.length > 0 && !isForced) {
    throw googleError(
      "FAILED_PRECONDITION",
      `DeliveryPipeline '${pipeline}' has releases; delete it with force`,
    );
  }
  below.forEach((forget) => forget());
  [...work].filter(([, { name }]) => isBelow(name, pipeline)).forEach(([key]) => work.delete(key));
}

function checkPercentages(percentages: readonly number[]): void {
  const isAscending = percentages.every((one, at) => at === 0 || one > (percentages[at - 1] ?? 0));
  const isInside = percentages.every((one) => one >= 0 && one < 100);
  if (percentages.length === 0 || !isAscending || !isInside) {
    throw badRequest(
      "strategy.canary.canary_deployment.percentages",
      `Canary percentages must ascend from 0 to 99, but are [${percentages.join(", ")}]`,
    );
  }
}
