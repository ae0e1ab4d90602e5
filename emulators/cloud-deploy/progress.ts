import { locationOf, segmentOf, uuidOf } from "./names.ts";
import {
  notifyAdvance,
  notifyApproval,
  notifyJobRun,
  notifyResource,
  notifyRollout,
  rolloutSubject,
} from "./notify.ts";
import {
  closePhase,
  type Job,
  type JobRun,
  jobsOf,
  type Phase,
  type Rollout,
  withJob,
  withPhase,
} from "./rollout.ts";
import { nextSequence } from "./state.ts";
import { put, scheduleIn, timestamp, type World } from "./world.ts";

/** The states in which a rollout has its target for itself. */
const ACTIVE: ReadonlySet<string> = new Set(["IN_PROGRESS", "CANCELLING"]);

const FIRST_TIME =
  "The canary was skipped: nothing was deployed to the target before, so there is no traffic to split";
const STARTED_LATER = "The rollout started at a later phase";

/** Stores a rollout whose state changed, and tells so. */
export function changeState(world: World, rollout: Rollout): Rollout {
  const stored = put(world.state.rollouts, rollout);
  notifyResource(world, "Update", rolloutSubject(stored));
  return stored;
}

/** The rollout that has a target for itself, in whatever pipeline, or undefined. */
export function activeRollout(world: World, rollout: Rollout): Rollout | undefined {
  return [...world.state.rollouts.values()].find(
    (one) => isOnSameTarget(one, rollout) && ACTIVE.has(one.state),
  );
}

/** What a rollout does once its release is rendered: it asks for approval, or it queues. */
export function admit(world: World, rollout: Rollout): void {
  if (rollout.approvalState === "NEEDS_APPROVAL") {
    const waiting =
      rollout.state === "PENDING_APPROVAL"
        ? rollout
        : changeState(world, { ...rollout, state: "PENDING_APPROVAL" });
    notifyApproval(world, "Required", waiting);
    return;
  }
  enqueue(world, rollout);
}

/** Queues a rollout on its target, and starts it if its turn has come. */
export function enqueue(world: World, rollout: Rollout): void {
  const queued = { ...rollout, state: "PENDING", enqueueTime: timestamp(world) } as const;
  if (rollout.state === "PENDING") {
    put(world.state.rollouts, queued);
  } else {
    changeState(world, queued);
  }
  startNext(world, queued);
}

/** Starts the rollout that has queued longest on a rollout's target, if the target is free. */
export function startNext(world: World, rollout: Rollout): void {
  if (activeRollout(world, rollout) !== undefined) {
    return;
  }
  const queue = [...world.state.rollouts.values()].filter(
    (one) => one.state === "PENDING" && isOnSameTarget(one, rollout),
  );
  const next = queue.toSorted((left, right) =>
    compareTexts(left.enqueueTime, right.enqueueTime),
  )[0];
  if (next !== undefined) {
    start(world, next);
  }
}

/** Skips the phases before one, because the caller asked for it. */
export function startAt(rollout: Rollout, phaseId: string): Rollout {
  return skipBefore(
    rollout,
    rollout.phases.findIndex(({ id }) => id === phaseId),
    STARTED_LATER,
  );
}

/** Begins a phase of a rollout that is in progress: its first job that has not run. */
export function startPhase(world: World, rollout: Rollout, phaseId: string): void {
  startNextJob(world, withPhase(rollout, phaseId, { state: "IN_PROGRESS" }), phaseId);
}

/** Begins the next job of a phase, or ends the phase when there is none. */
export function startNextJob(world: World, rollout: Rollout, phaseId: string): void {
  const phase = rollout.phases.find(({ id }) => id === phaseId);
  const next = phase && jobsOf(phase).find(({ state }) => state === "PENDING");
  if (phase !== undefined && next !== undefined) {
    startJob(world, rollout, { phase, job: next });
    return;
  }
  endPhase(world, withPhase(rollout, phaseId, { state: "SUCCEEDED" }));
}

/** Begins a job with a new job run; a job that ran before gets another. */
export function startJob(
  world: World,
  rollout: Rollout,
  { phase, job }: { readonly phase: Phase; readonly job: Job },
): void {
  const jobRun = newJobRun(world, rollout, { phase, job });
  const changed = withJob(phase, job.id, { state: "IN_PROGRESS", jobRun: jobRun.name });
  put(world.state.rollouts, withPhase(rollout, phase.id, { ...changed, state: "IN_PROGRESS" }));
  notifyResource(world, "Create", {
    type: "JobRun",
    name: jobRun.name,
    targetId: rollout.targetId,
  });
  notifyJobRun(world, "Start", { jobRun, targetId: rollout.targetId });
  scheduleIn(world, world.timings.jobMs, { kind: "job-run", name: jobRun.name });
}

function newJobRun(
  world: World,
  rollout: Rollout,
  { phase, job }: { readonly phase: Phase; readonly job: Job },
): JobRun {
  const uid = uuidOf(`${rollout.uid} ${nextSequence(world.state)}`);
  const build = `${locationOf(rollout.name)}/builds/${uuidOf(`build ${uid}`)}`;
  const now = timestamp(world);
  return put(world.state.jobRuns, {
    name: `${rollout.name}/jobRuns/${uid}`,
    uid,
    phaseId: phase.id,
    jobId: job.id,
    createTime: now,
    startTime: now,
    state: "IN_PROGRESS",
    [`${job.id}JobRun`]: { build },
  });
}

function start(world: World, rollout: Rollout): void {
  const ready = isFirstCanary(world, rollout)
    ? skipBefore(rollout, rollout.phases.length - 1, FIRST_TIME)
    : rollout;
  const started = changeState(world, {
    ...ready,
    state: "IN_PROGRESS",
    deployStartTime: timestamp(world),
  });
  notifyRollout(world, "Start", started);
  const first = started.phases.find(({ state }) => state === "PENDING");
  if (first !== undefined) {
    startPhase(world, started, first.id);
  }
}

/**
 * Whether this is a canary and nothing of this pipeline ever succeeded on the target.
 * Source: https://cloud.google.com/deploy/docs/deployment-strategies/manage-rollout
 */
function isFirstCanary(world: World, rollout: Rollout): boolean {
  const pipeline = segmentOf(rollout.name, "deliveryPipelines");
  const succeeded = [...world.state.rollouts.values()].some(
    (one) =>
      one.state === "SUCCEEDED" &&
      isOnSameTarget(one, rollout) &&
      segmentOf(one.name, "deliveryPipelines") === pipeline,
  );
  return rollout.phases.length > 1 && !succeeded;
}

function skipBefore(rollout: Rollout, index: number, skipMessage: string): Rollout {
  const phases = rollout.phases.map((phase, at) =>
    at < index && phase.state === "PENDING" ? closePhase(phase, "SKIPPED", skipMessage) : phase,
  );
  return { ...rollout, phases };
}

/** A rollout with a phase left waits to be advanced; one without is done. */
function endPhase(world: World, rollout: Rollout): void {
  const next = rollout.phases.find(({ state }) => state === "PENDING");
  if (next !== undefined) {
    const waiting = changeState(world, rollout);
    notifyAdvance(world, "Required", { rollout: waiting, phaseId: next.id });
    return;
  }
  const done = changeState(world, {
    ...rollout,
    state: "SUCCEEDED",
    deployEndTime: timestamp(world),
  });
  notifyRollout(world, "Succeed", done);
  startNext(world, done);
}

function isOnSameTarget(one: Rollout, other: Rollout): boolean {
  return one.targetId === other.targetId && locationOf(one.name) === locationOf(other.name);
}

function compareTexts(left = "", right = ""): number {
  if (left === right) {
    return 0;
  }
  return left < right ? -1 : 1;
}
