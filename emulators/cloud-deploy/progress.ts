import { randomUUID } from "node:crypto";
import { locationOf, segmentOf } from "./names.ts";
import { notifyAdvance, notifyApproval, notifyOperation, notifyResource } from "./notify.ts";
import { closePhases, withPhase } from "./phases.ts";
import type { Rollout } from "./resources.ts";
import { scheduleIn, timestamp, type World } from "./world.ts";

/** The states in which a rollout has its target for itself. */
const ACTIVE: ReadonlySet<string> = new Set(["IN_PROGRESS", "CANCELLING"]);

const FIRST_TIME =
  "The canary was skipped: nothing was deployed to the target before, so there is no traffic to split";

/** Changes a rollout, and tells so. */
export function changeState(world: World, rollout: Rollout, change: Partial<Rollout>): Rollout {
  const changed = world.rollouts.change(rollout, change);
  notifyResource(world, "Update", { type: "Rollout", ...changed });
  return changed;
}

const TOLD = { SUCCEEDED: "Succeed", FAILED: "Failure", CANCELLED: "Cancelled" } as const;

/** Ends a rollout, tells so, and lets the next one have its target. */
export function endRollout(
  world: World,
  rollout: Rollout,
  change: Partial<Rollout> & { readonly state: keyof typeof TOLD },
): void {
  const ended = changeState(world, rollout, { ...change, deployEndTime: timestamp(world) });
  notifyOperation(world, TOLD[change.state], { type: "Rollout", ...ended });
  startNext(world, ended);
}

/** The rollout that has a target for itself, in whatever pipeline, or undefined. */
export function activeRollout(world: World, rollout: Rollout): Rollout | undefined {
  return [...world.rollouts.records.values()].find(
    (one) => isOnSameTarget(one, rollout) && ACTIVE.has(one.state),
  );
}

/** What a rollout does once its release is rendered: it asks for approval, or it queues. */
export function admit(world: World, rollout: Rollout): void {
  if (rollout.approvalState === "NEEDS_APPROVAL") {
    const waiting =
      rollout.state === "PENDING_APPROVAL"
        ? rollout
        : changeState(world, rollout, { state: "PENDING_APPROVAL" });
    notifyApproval(world, "Required", { type: "Rollout", ...waiting });
    return;
  }
  enqueue(world, rollout);
}

/** Queues a rollout on its target, and starts it if its turn has come. */
export function enqueue(world: World, rollout: Rollout): void {
  const change = { state: "PENDING", enqueueTime: timestamp(world) } as const;
  if (rollout.state === "PENDING") {
    world.rollouts.change(rollout, change);
  } else {
    changeState(world, rollout, change);
  }
  startNext(world, rollout);
}

/** Begins a phase of a rollout that is in progress, with a new job run. */
export function startPhase(world: World, rollout: Rollout, phaseId: string): void {
  const now = timestamp(world);
  const uid = randomUUID();
  const name = `${rollout.name}/jobRuns/${uid}`;
  world.jobRuns.records.set(name, {
    name,
    uid,
    phaseId,
    jobId: "deploy",
    createTime: now,
    startTime: now,
    state: "IN_PROGRESS",
    deployJobRun: {},
  });
  const change = { state: "IN_PROGRESS", jobRun: name } as const;
  world.rollouts.change(rollout, { phases: withPhase(rollout, phaseId, change) });
  const subject = { type: "JobRun", name, targetId: rollout.targetId } as const;
  notifyResource(world, "Create", subject);
  notifyOperation(world, "Start", { ...subject, phaseId });
  scheduleIn(world, world.timings.jobMs, { kind: "job-run", name });
}

/** Goes on after a phase, with what it changed: a rollout with a phase left waits to be advanced; one without is done. */
export function endPhase(
  world: World,
  rollout: Rollout,
  change: Partial<Rollout> & Pick<Rollout, "phases">,
): void {
  const next = change.phases.find(({ state }) => state === "PENDING");
  if (next === undefined) {
    endRollout(world, rollout, { ...change, state: "SUCCEEDED" });
    return;
  }
  const waiting = changeState(world, rollout, change);
  notifyAdvance(world, "Required", { type: "Rollout", ...waiting, phaseId: next.id });
}

/** Starts the rollout that has queued longest on a rollout's target, if the target is free. */
function startNext(world: World, rollout: Rollout): void {
  if (activeRollout(world, rollout) !== undefined) {
    return;
  }
  const queue = [...world.rollouts.records.values()].filter(
    (one) => one.state === "PENDING" && isOnSameTarget(one, rollout),
  );
  const [next] = queue.toSorted((left, right) => compareTexts(left.enqueueTime, right.enqueueTime));
  if (next !== undefined) {
    start(world, next);
  }
}

function start(world: World, rollout: Rollout): void {
  const skipped = { state: "SKIPPED", skipMessage: FIRST_TIME } as const;
  const canaries = isFirstCanary(world, rollout) ? rollout.phases.length - 1 : 0;
  const started = changeState(world, rollout, {
    phases: closePhases(rollout.phases, skipped, canaries),
    state: "IN_PROGRESS",
    deployStartTime: timestamp(world),
  });
  notifyOperation(world, "Start", { type: "Rollout", ...started });
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
  const succeeded = [...world.rollouts.records.values()].some(
    (one) =>
      one.state === "SUCCEEDED" &&
      isOnSameTarget(one, rollout) &&
      segmentOf(one.name, "deliveryPipelines") === pipeline,
  );
  return rollout.phases.length > 1 && !succeeded;
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
