import { googleError } from "../kit/google-error.ts";
import { requiredText } from "./checks.ts";
import { ancestorOf, canonicalName } from "./names.ts";
import { notifyAdvance, notifyApproval, notifyResource } from "./notify.ts";
import {
  activeRollout,
  changeState,
  enqueue,
  startJob,
  startNextJob,
  startPhase,
} from "./progress.ts";
import { checkNotSuspended } from "./releases.ts";
import {
  type Job,
  JOB_IDS,
  type JobRun,
  jobsOf,
  type Phase,
  type Rollout,
  withJob,
  withPhase,
} from "./rollout.ts";
import { find, put, scheduleIn, timestamp, unschedule, type World } from "./world.ts";

/*
 * What people do to rollouts. Each call is refused with FAILED_PRECONDITION in a state it is not meant
 * for; that the service does so too is stated for few of them, so the codes are unconfirmed.
 * Source: https://cloud.google.com/deploy/docs/deployment-strategies/manage-rollout
 */

/** A request about a rollout by its name. */
export type RolloutRequest = { readonly name?: string };

/** A request about a job. The rollout is called `rollout`. */
export type JobRequest = {
  readonly rollout?: string;
  readonly phaseId?: string;
  readonly jobId?: string;
};

const CANCELLABLE: ReadonlySet<string> = new Set([
  "PENDING_RELEASE",
  "PENDING_APPROVAL",
  "PENDING",
  "IN_PROGRESS",
  "HALTED",
]);

/** Approves or rejects a rollout that waits for it. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function approveRollout(
  world: World,
  request: RolloutRequest & { readonly approved?: boolean },
): object {
  const rollout = findRollout(world, request.name);
  checkNotSuspended(find(world.state.pipelines, ancestorOf(rollout.name, "deliveryPipelines")));
  if (rollout.state !== "PENDING_APPROVAL") {
    throw wrongState(rollout, "be approved or rejected");
  }
  if (request.approved === true) {
    const approved: Rollout = {
      ...rollout,
      approvalState: "APPROVED",
      approveTime: timestamp(world),
    };
    notifyApproval(world, "Approved", approved);
    enqueue(world, approved);
  } else {
    const rejected: Rollout = {
      ...rollout,
      state: "APPROVAL_REJECTED",
      approvalState: "REJECTED",
    };
    notifyApproval(world, "Rejected", rejected);
    changeState(world, rejected);
  }
  return {};
}

/**
 * Begins the next phase of a rollout.
 * @throws GoogleError NOT_FOUND; FAILED_PRECONDITION unless the rollout is in progress, the phase is
 * pending and the one before it succeeded or was skipped.
 */
export function advanceRollout(
  world: World,
  request: RolloutRequest & { readonly phaseId?: string },
): object {
  const rollout = findRollout(world, request.name);
  const phaseId = requiredText(request.phaseId, "phase_id");
  const { phase, before } = findPhase(rollout, phaseId);
  if (rollout.state !== "IN_PROGRESS") {
    throw wrongState(rollout, "be advanced");
  }
  const isNext =
    before !== undefined && (before.state === "SUCCEEDED" || before.state === "SKIPPED");
  if (phase.state !== "PENDING" || !isNext) {
    throw googleError(
      "FAILED_PRECONDITION",
      `Rollout '${rollout.name}' cannot be advanced to phase "${phaseId}", which is ${phase.state}`,
    );
  }
  notifyAdvance(world, "Advanced", { rollout, phaseId });
  startPhase(world, rollout, phaseId);
  return {};
}

/** Cancels a rollout that has not ended. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function cancelRollout(world: World, request: RolloutRequest): object {
  const rollout = findRollout(world, request.name);
  if (!CANCELLABLE.has(rollout.state)) {
    throw wrongState(rollout, "be cancelled");
  }
  for (const jobRun of world.state.jobRuns.values()) {
    if (ancestorOf(jobRun.name, "rollouts") === rollout.name) {
      unschedule(world, { kind: "terminate", name: jobRun.name });
      beginTermination(world, rollout, jobRun);
    }
  }
  changeState(world, { ...rollout, state: "CANCELLING" });
  scheduleIn(world, world.timings.jobMs, { kind: "cancel", name: rollout.name });
  return {};
}

/** Runs a failed or terminated job again, in a new job run. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function retryJob(world: World, request: JobRequest): object {
  const { rollout, phase, job } = findJob(world, request);
  checkStopped(world, rollout);
  if (job.state !== "FAILED" && job.state !== "ABORTED") {
    throw wrongJob(job, "retried");
  }
  startJob(world, resume(world, rollout), { phase, job });
  return {};
}

/**
 * Leaves a failed job behind and goes on after it. A deploy job cannot be ignored (unconfirmed).
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION
 */
export function ignoreJob(world: World, request: JobRequest): object {
  const { rollout, phase, job } = findJob(world, request);
  checkStopped(world, rollout);
  if (job.state !== "FAILED" || job.id === "deploy") {
    throw wrongJob(job, "ignored");
  }
  const ignored = {
    ...withJob(phase, job.id, { state: "IGNORED" }),
    state: "IN_PROGRESS",
  } as const;
  const resumed = resume(world, withPhase(rollout, phase.id, ignored));
  startNextJob(world, resumed, phase.id);
  return {};
}

/** Stops a job run that is in progress. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function terminateJobRun(world: World, request: { readonly name?: string }): object {
  const jobRun = find(world.state.jobRuns, canonicalName(world.state.projects, request.name));
  if (jobRun.state !== "IN_PROGRESS") {
    throw googleError(
      "FAILED_PRECONDITION",
      `JobRun '${jobRun.name}' is ${jobRun.state} and cannot be terminated`,
    );
  }
  beginTermination(world, findRollout(world, ancestorOf(jobRun.name, "rollouts")), jobRun);
  scheduleIn(world, world.timings.jobMs, { kind: "terminate", name: jobRun.name });
  return {};
}

function beginTermination(world: World, rollout: Rollout, jobRun: JobRun): void {
  if (jobRun.state === "IN_PROGRESS") {
    unschedule(world, { kind: "job-run", name: jobRun.name });
    put(world.state.jobRuns, { ...jobRun, state: "TERMINATING" });
    notifyResource(world, "Update", {
      type: "JobRun",
      name: jobRun.name,
      targetId: rollout.targetId,
    });
  }
}

/** A rollout that goes on is in progress again, and its failure is forgotten. */
function resume(world: World, rollout: Rollout): Rollout {
  const {
    deployFailureCause: _cause,
    failureReason: _reason,
    deployEndTime: _end,
    ...rest
  } = rollout;
  return changeState(world, { ...rest, state: "IN_PROGRESS" });
}

function checkStopped(world: World, rollout: Rollout): void {
  if (rollout.state !== "FAILED" && rollout.state !== "HALTED") {
    throw wrongState(rollout, "go on with a job");
  }
  const active = activeRollout(world, rollout);
  if (active !== undefined) {
    throw googleError(
      "FAILED_PRECONDITION",
      `Rollout '${active.name}' is ${active.state} on the same target`,
    );
  }
}

function findRollout(world: World, name: string | undefined): Rollout {
  return find(world.state.rollouts, canonicalName(world.state.projects, name));
}

function findPhase(
  rollout: Rollout,
  phaseId: string,
): { readonly phase: Phase; readonly before: Phase | undefined } {
  const at = rollout.phases.findIndex(({ id }) => id === phaseId);
  const phase = rollout.phases[at];
  if (phase === undefined) {
    throw googleError("NOT_FOUND", `Rollout '${rollout.name}' has no phase "${phaseId}"`);
  }
  return { phase, before: rollout.phases[at - 1] };
}

function findJob(
  world: World,
  request: JobRequest,
): { readonly rollout: Rollout; readonly phase: Phase; readonly job: Job } {
  const rollout = findRollout(world, request.rollout);
  const { phase } = findPhase(rollout, requiredText(request.phaseId, "phase_id"));
  const jobId = requiredText(request.jobId, "job_id");
  const job = jobsOf(phase).find(({ id }) => id === JOB_IDS.find((known) => known === jobId));
  if (job === undefined) {
    throw googleError(
      "NOT_FOUND",
      `Phase "${phase.id}" of rollout '${rollout.name}' has no job "${jobId}"`,
    );
  }
  return { rollout, phase, job };
}

function wrongState(rollout: Rollout, verb: string): Error {
  return googleError(
    "FAILED_PRECONDITION",
    `Rollout '${rollout.name}' is ${rollout.state} and cannot ${verb}`,
  );
}

function wrongJob(job: Job, verb: string): Error {
  return googleError(
    "FAILED_PRECONDITION",
    `Job "${job.id}" is ${job.state} and cannot be ${verb}`,
  );
}
