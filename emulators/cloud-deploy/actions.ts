import { textAt } from "../kit/access/rules.ts";
import type { Message } from "../kit/call.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { ancestorOf } from "./names.ts";
import { notify } from "./notify.ts";
import { activeRollout, changeState, enqueue, startPhase } from "./progress.ts";
import type { Phase, Rollout } from "./resources.ts";
import { checkNotSuspended } from "./rollouts.ts";
import { endIn, timestamp, type World } from "./world.ts";

/**
 * What people do to rollouts, by method. Each call is refused with FAILED_PRECONDITION in a state it is not meant for; that
 * the service does so too is stated for few of them, so the codes are unconfirmed.
 * Source: https://cloud.google.com/deploy/docs/deployment-strategies/manage-rollout
 */
export const ACTIONS: Readonly<Record<string, (world: World, request: Message) => void>> = {
  ApproveRollout: approveRollout,
  AdvanceRollout: advanceRollout,
  CancelRollout: cancelRollout,
  RetryJob: retryJob,
};

const CANCELLABLE: ReadonlySet<string> = new Set([
  "PENDING_RELEASE",
  "PENDING_APPROVAL",
  "PENDING",
  "IN_PROGRESS",
]);

/** Approves or rejects a rollout that waits for it. */
function approveRollout(world: World, request: Message): void {
  const rollout = world.rollouts.find(textAt(request, "name"));
  checkNotSuspended(world.pipelines.find(ancestorOf(rollout.name, "deliveryPipelines")));
  checkState(rollout, "be approved or rejected", rollout.state === "PENDING_APPROVAL");
  if (request["approved"] === true) {
    notify(world, "approvals Approved", { name: rollout.name });
    enqueue(world, { ...rollout, approvalState: "APPROVED", approveTime: timestamp(world) });
  } else {
    notify(world, "approvals Rejected", { name: rollout.name });
    changeState(world, rollout, { state: "APPROVAL_REJECTED", approvalState: "REJECTED" });
  }
}

/** Begins the next phase of a rollout in progress, where the one before succeeded or was skipped. */
function advanceRollout(world: World, request: Message): void {
  const rollout = world.rollouts.find(textAt(request, "name"));
  const { id: phaseId, state } = findPhase(rollout, request);
  const at = rollout.phases.findIndex(({ id }) => id === phaseId);
  const before = rollout.phases[at - 1]?.state ?? "";
  const isNext = state === "PENDING" && ["SUCCEEDED", "SKIPPED"].includes(before);
  const isRight = rollout.state === "IN_PROGRESS" && isNext;
  checkState(rollout, `be advanced to phase "${phaseId}", which is ${state}`, isRight);
  notify(world, "advances Advanced", { name: rollout.name, phaseId });
  startPhase(world, rollout, phaseId);
}

/** Cancels a rollout that has not ended. */
function cancelRollout(world: World, request: Message): void {
  const rollout = world.rollouts.find(textAt(request, "name"));
  checkState(rollout, "be cancelled", CANCELLABLE.has(rollout.state));
  for (const { deploymentJobs } of rollout.phases) {
    world.due.delete(deploymentJobs?.deployJob?.jobRun ?? "");
  }
  changeState(world, rollout, { state: "CANCELLING" });
  endIn(world, world.timings.jobMs, rollout.name);
}

/** Takes a failed rollout up again, with a new job run. */
function retryJob(world: World, request: Message): void {
  const rollout = world.rollouts.find(textAt(request, "rollout"));
  const phase = findPhase(rollout, request);
  const jobId = requiredText(request, "jobId");
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
}

function findPhase(rollout: Rollout, request: Message): Phase {
  const wanted = requiredText(request, "phaseId");
  const phase = rollout.phases.find(({ id }) => id === wanted);
  if (phase === undefined) {
    throw notFound(rollout, `phase "${wanted}"`);
  }
  return phase;
}

function requiredText(request: Message, field: string): string {
  const text = textAt(request, field);
  if (text === "") {
    throw badRequest(field, `Missing required field ${field}`);
  }
  return text;
}

function notFound(rollout: Rollout, what: string): Error {
  return googleError("NOT_FOUND", `Rollout '${rollout.name}' has no ${what}`);
}

function checkState({ name, state }: Rollout, verb: string, isRight: boolean): void {
  if (!isRight) {
    throw googleError("FAILED_PRECONDITION", `Rollout '${name}' is ${state} and cannot ${verb}`);
  }
}
