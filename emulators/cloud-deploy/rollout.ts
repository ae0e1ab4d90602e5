import type { Resource } from "./configuration.ts";

/** The ten states of a rollout. */
export type RolloutState =
  | "SUCCEEDED"
  | "FAILED"
  | "IN_PROGRESS"
  | "PENDING_APPROVAL"
  | "APPROVAL_REJECTED"
  | "PENDING"
  | "PENDING_RELEASE"
  | "CANCELLING"
  | "CANCELLED"
  | "HALTED";

/** The jobs of a phase, in the order they run. */
export const JOB_IDS = ["predeploy", "deploy", "verify", "postdeploy"] as const;

/** The id of a job; it is also its kind. */
export type JobId = (typeof JOB_IDS)[number];

/** The state of a job. */
export type JobState =
  | "PENDING"
  | "IN_PROGRESS"
  | "SUCCEEDED"
  | "FAILED"
  | "ABORTED"
  | "SKIPPED"
  | "IGNORED";

/** One job of a phase. `jobRun` is the latest run. */
export type Job = {
  readonly id: JobId;
  readonly state: JobState;
  readonly skipMessage?: string;
  readonly jobRun?: string;
  readonly predeployJob?: object;
  readonly deployJob?: object;
  readonly verifyJob?: object;
  readonly postdeployJob?: object;
};

/** The jobs of a phase under the names the API has for them. */
export type DeploymentJobs = { readonly [K in `${JobId}Job`]?: Job };

/** The state of a phase. */
export type PhaseState = "PENDING" | "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "ABORTED" | "SKIPPED";

/** One phase of a rollout. */
export type Phase = {
  readonly id: string;
  readonly state: PhaseState;
  readonly skipMessage?: string;
  readonly deploymentJobs: DeploymentJobs;
};

/** What a deploy to Cloud Run made. */
export type CloudRunMetadata = {
  readonly service?: string;
  readonly job?: string;
  readonly serviceUrls?: readonly string[];
  readonly revision?: string;
};

/** https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines.releases.rollouts */
export type Rollout = Resource & {
  readonly targetId: string;
  readonly state: RolloutState;
  readonly approvalState: "NEEDS_APPROVAL" | "DOES_NOT_NEED_APPROVAL" | "APPROVED" | "REJECTED";
  readonly approveTime?: string;
  readonly enqueueTime?: string;
  readonly deployStartTime?: string;
  readonly deployEndTime?: string;
  readonly deployFailureCause?: string;
  readonly failureReason?: string;
  readonly phases: readonly Phase[];
  readonly metadata?: { readonly cloudRun?: CloudRunMetadata };
  readonly rollbackOfRollout?: string;
  readonly rolledBackByRollouts?: readonly string[];
};

/** The state of a job run. */
export type JobRunState = "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "TERMINATING" | "TERMINATED";

/** What every kind of job run tells. */
export type JobRunDetails = {
  readonly build: string;
  readonly failureCause?: string;
  readonly failureMessage?: string;
  readonly metadata?: { readonly cloudRun?: CloudRunMetadata };
  readonly artifact?: { readonly artifactUri: string; readonly manifestPaths: readonly string[] };
};

/** https://cloud.google.com/deploy/docs/api/reference/rest/v1/projects.locations.deliveryPipelines.releases.rollouts.jobRuns */
export type JobRun = Resource & {
  readonly phaseId: string;
  readonly jobId: JobId;
  readonly startTime: string;
  readonly endTime?: string;
  readonly state: JobRunState;
  readonly predeployJobRun?: JobRunDetails;
  readonly deployJobRun?: JobRunDetails;
  readonly verifyJobRun?: JobRunDetails;
  readonly postdeployJobRun?: JobRunDetails;
};

/** The jobs of a phase, in the order they run. */
export function jobsOf(phase: Phase): readonly Job[] {
  return JOB_IDS.flatMap((id) => phase.deploymentJobs[`${id}Job`] ?? []);
}

/** The rollout with one phase changed. */
export function withPhase(rollout: Rollout, phaseId: string, change: Partial<Phase>): Rollout {
  const phases = rollout.phases.map((phase) =>
    phase.id === phaseId ? { ...phase, ...change } : phase,
  );
  return { ...rollout, phases };
}

/** The phase with one job changed. */
export function withJob(phase: Phase, jobId: JobId, change: Partial<Job>): Phase {
  const key = `${jobId}Job` as const;
  const job = phase.deploymentJobs[key];
  return job === undefined
    ? phase
    : { ...phase, deploymentJobs: { ...phase.deploymentJobs, [key]: { ...job, ...change } } };
}

/** The phase in a final state, with every job that has not finished in that state too. */
export function closePhase(
  phase: Phase,
  state: "ABORTED" | "SKIPPED",
  skipMessage?: string,
): Phase {
  const reason = skipMessage === undefined ? {} : { skipMessage };
  const closed = jobsOf(phase)
    .filter((job) => job.state === "PENDING" || job.state === "IN_PROGRESS")
    .reduce((result, job) => withJob(result, job.id, { state, ...reason }), phase);
  return { ...closed, state, ...reason };
}
