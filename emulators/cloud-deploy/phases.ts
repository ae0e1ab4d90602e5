import type { Phase, Rollout, Stage } from "./resources.ts";

/** What becomes of a phase. Its one job, the deploy, is always as far as the phase. */
type Change = {
  readonly state: "PENDING" | "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "ABORTED" | "SKIPPED";
  /** The job run that has begun. */
  readonly jobRun?: string;
  readonly skipMessage?: string;
};

/** All the traffic, in percent. */
export const PERCENT_ALL = 100;

/**
 * The phases of a stage in their order: `canary-<percentage>` … `stable`. Nothing has happened in them yet.
 * Source: https://cloud.google.com/deploy/docs/deployment-strategies/manage-rollout
 */
export function newPhases({ strategy }: Stage): readonly Phase[] {
  const percentages = strategy?.canary?.canaryDeployment?.percentages ?? [];
  return [...percentages.map((percentage) => `canary-${percentage}`), "stable"].map((id) => {
    const deployJob = { id: "deploy", deployJob: {} };
    const phase: Phase = { id, state: "PENDING", deploymentJobs: { deployJob } };
    return changePhase(phase, { state: "PENDING" });
  });
}

/** The traffic of the new version in a phase, from 1 to 100. */
export function percentageIn(phaseId: string): number {
  return Number(/^canary-(\d+)$/.exec(phaseId)?.[1] ?? PERCENT_ALL);
}

/** The phase and its job, changed. */
function changePhase(phase: Phase, change: Change): Phase {
  const { jobRun: _jobs, ...own } = change;
  const deployJob = { ...phase.deploymentJobs?.deployJob, ...change };
  return { ...phase, ...own, deploymentJobs: { deployJob } };
}

/** A rollout's phases with one of them changed. */
export function withPhase({ phases }: Rollout, phaseId: string, change: Change): readonly Phase[] {
  return phases.map((phase) => (phase.id === phaseId ? changePhase(phase, change) : phase));
}

/** Closes those of the first phases, all where no number is given, that have not ended. */
export function closePhases(
  phases: readonly Phase[],
  change: Change,
  end = phases.length,
): readonly Phase[] {
  return phases.map((phase, at) =>
    at < end && (phase.state === "PENDING" || phase.state === "IN_PROGRESS")
      ? changePhase(phase, change)
      : phase,
  );
}
