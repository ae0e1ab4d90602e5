import type { DeliveryPipeline, Hook, PhaseConfig, Stage, Surroundings } from "./configuration.ts";
import { type Job, JOB_IDS, type JobId, type Phase } from "./rollout.ts";

/** One phase of a stage's strategy. */
export type PhasePlan = {
  readonly id: string;
  /** Traffic of the new version, from 0 to 100. */
  readonly percentage: number;
  /** Skaffold profiles beside the stage's own. */
  readonly profiles: readonly string[];
  readonly verify: boolean;
  /** The custom actions of the hook; undefined when there is no such job. */
  readonly predeploy: readonly string[] | undefined;
  readonly postdeploy: readonly string[] | undefined;
};

/** The phase that gives the new version all traffic. */
export const STABLE = "stable";

/** The stage of a pipeline that deploys to a target, or undefined. */
export function stageOf(pipeline: DeliveryPipeline, targetId: string): Stage | undefined {
  return pipeline.serialPipeline?.stages?.find((stage) => stage.targetId === targetId);
}

/**
 * The phases of a stage in their order: `stable` alone, `canary-<percentage>` … `stable`, or those of a
 * custom canary.
 * Source: https://cloud.google.com/deploy/docs/deployment-strategies/manage-rollout
 */
export function planPhases(stage: Stage): readonly PhasePlan[] {
  const canary = stage.strategy?.canary;
  if (canary?.customCanaryDeployment !== undefined) {
    return (canary.customCanaryDeployment.phaseConfigs ?? []).map((phase) =>
      planPhase(phase.phaseId ?? "", phase.percentage ?? 0, phase),
    );
  }
  if (canary?.canaryDeployment !== undefined) {
    return planCanary(canary.canaryDeployment);
  }
  return [planPhase(STABLE, 100, stage.strategy?.standard ?? {})];
}

/** A phase in which nothing happened yet. */
export function newPhase(plan: PhasePlan): Phase {
  const kinds: Readonly<Record<JobId, object | undefined>> = {
    predeploy: plan.predeploy && { actions: plan.predeploy },
    deploy: {},
    verify: plan.verify ? {} : undefined,
    postdeploy: plan.postdeploy && { actions: plan.postdeploy },
  };
  const jobs: Record<string, Job> = {};
  for (const id of JOB_IDS) {
    if (kinds[id] !== undefined) {
      jobs[`${id}Job`] = { id, state: "PENDING", [`${id}Job`]: kinds[id] };
    }
  }
  return { id: plan.id, state: "PENDING", deploymentJobs: jobs };
}

/** The predeploy job belongs to the first phase, the postdeploy job to the last, verify to each. */
function planCanary(
  canary: Surroundings & { readonly percentages?: readonly number[] },
): readonly PhasePlan[] {
  const percentages = [...(canary.percentages ?? []), 100];
  const { verify = false, predeploy, postdeploy } = canary;
  return percentages.map((percentage, at) => {
    const isLast = at === percentages.length - 1;
    return planPhase(isLast ? STABLE : `canary-${percentage}`, percentage, {
      verify,
      ...(at === 0 && predeploy !== undefined && { predeploy }),
      ...(isLast && postdeploy !== undefined && { postdeploy }),
    });
  });
}

function planPhase(id: string, percentage: number, around: PhaseConfig): PhasePlan {
  return {
    id,
    percentage,
    profiles: around.profiles ?? [],
    verify: around.verify === true,
    predeploy: actionsOf(around.predeploy),
    postdeploy: actionsOf(around.postdeploy),
  };
}

function actionsOf(hook: Hook | undefined): readonly string[] | undefined {
  return hook === undefined ? undefined : (hook.actions ?? []);
}
