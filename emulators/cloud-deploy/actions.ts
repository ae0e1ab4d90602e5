import { googleError } from "../kit/google-error.ts";
import { requiredText } from "./checks.ts";
import { ancestorOf } from "./names.ts";
import { notifyAdvance, notifyApproval } from "./notify.ts";
import { checkNotSuspended } from "./pipelines.ts";
import { activeRollout, changeState, enqueue, startPhase } from "./progress.ts";
import type { Phase, Rollout } from "./resources.ts";
import { scheduleIn, timestamp, workKey, type World } from "./world.ts";

/*
 * What people do to rollouts. Each call is refused with FAILED_PRECONDITION in a state it is not meant
 * for; that the service does so too is stated for few of them, so the codes are unconfirmed.
 * Source: https://cloud.google.com/deploy/docs/deployment-strategies/manage-rollout
 */

type RolloutRequest = { readonly name?: string };

const CANCELLABLE: ReadonlySet<string> = new Set([
  "PENDING_RELEASE",
  "PENDING_APPROVAL",
  "PENDING",
  "IN_PROGRESS",
]);

/** Approves or rejects a rollout that waits for it. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function approveRollout(
  world: World,
  request: RolloutRequest & { readonly approved?: boolean },
): object {
  const rollout = world.rollouts.find(request.name);
  checkNotSuspended(world.pipelines.find(ancestorOf(rollout.name, "deliveryPipelines")));
  checkState(rollout, "be approved or rejected", rollout.state === "PENDING_APPROVAL");
  const subject = { type: "Rollout", ...rollout } as const;
  if (request.approved === true) {
    notifyApproval(world, "Approved", subject);
    enqueue(world, { ...rollout, approvalState: "APPROVED", approveTime: timestamp(world) });
  } else {
    notifyApproval(world, "Rejected", subject);
    changeState(world, rollout, { state: "APPROVAL_REJECTED", approvalState: "REJECTED" });
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
  const rollout = world.rollouts.find(request.name);
  const phase = findPhase(rollout, request.phaseId);
  checkState(rollout, "be advanced", rollout.state === "IN_PROGRESS");
  const before = rollout.phases[rollout.phases.indexOf(phase) - 1]?.state;
  const isNext = before === "SUCCEEDED" || before === "SKIPPED";
  checkState(
    rollout,
    `be advanced to phase "${phase.id}", which is ${phase.state}`,
    phase.state === "PENDING" && isNext,
  );
  notifyAdvance(world, "Advanced", { type: "Rollout", ...rollout, phaseId: phase.id });
  startPhase(world, rollout, phase.id);
  return {};
}

/** Cancels a rollout that has not ended. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function cancelRollout(world: World, request: RolloutRequest): object {
  const rollout = world.rollouts.find(request.name);
  checkState(rollout, "be cancelled", CANCELLABLE.has(rollout.state));
  for (const { deploymentJobs } of rollout.phases) {
    const name = deploymentJobs?.deployJob?.jobRun ?? "";
    world.work.delete(workKey({ kind: "job-run", name }));
  }
  changeState(world, rollout, { state: "CANCELLING" });
  scheduleIn(world, world.timings.jobMs, { kind: "cancel", name: rollout.name });
  return {};
}

/** Takes a failed rollout up again, with a new job run. @throws GoogleError NOT_FOUND, FAILED_PRECONDITION */
export function retryJob(
  world: World,
  request: { readonly rollout?: string; readonly phaseId?: string; readonly jobId?: string },
): object {
  const rollout = world.rollouts.find(request.rollout);
  const phase = findPhase(rollout, request.phaseId);
  const jobId = requiredText(request.jobId, "job_id");
  if (jobId !== "deploy") {
    throw notFound(rollout, `job "${jobId}" in its phase "${phase.id}"`);
  }
  checkState(rollout, "go on with a job", rollout.state === "FAILED" && phase.state === "FAILED");
  const active = activeRollout(world, rollout);
  checkState(rollout, `go on beside '${active?.name ?? ""}'`, active === undefined);
  const {
    deployFailureCause: _cause,
    failureReason: _reason,
    deployEndTime: _end,
    ...rest
  } = rollout;
  startPhase(world, changeState(world, rest, { state: "IN_PROGRESS" }), phase.id);
  return {};
}

function findPhase(rollout: Rollout, phaseId: string | undefined): Phase {
  const wanted = requiredText(phaseId, "phase_id");
  const phase = rollout.phases.find(({ id }) => id === wanted);
  if (phase === undefined) {
    throw notFound(rollout, `phase "${wanted}"`);
  }
  return phase;
}

function notFound(rollout: Rollout, what: string): Error {
  return googleError("NOT_FOUND", `Rollout '${rollout.name}' has no ${what}`);
}

function checkState({ name, state }: Rollout, verb: string, isRight: boolean): void {
  if (!isRight) {
    throw googleError("FAILED_PRECONDITION", `Rollout '${name}' is ${state} and cannot ${verb}`);
  }
}
