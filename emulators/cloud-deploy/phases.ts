import type { Phase, Rollout } from "./resources.ts";

/** What becomes of a phase. Its one job, the deploy, is always as far as the phase. */
type Change = {
  readonly state: "PENDING" | "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "ABORTED" | "SKIPPED";
  /** The job run that has begun. */
  readonly jobRun?: string;
  readonly skipMessage?: string;
};

/** A phase in which nothing happened yet. */
export function newPhase(id: string): Phase {
  const deployJob = { id: "deploy", deployJob: {} };
  return changePhase({ id, state: "PENDING", deploymentJobs: { deployJob } }, { state: "PENDING" });
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
