import { randomUUID } from "node:crypto";
import { orderBy } from "../kit/values.ts";
import { locationOf, segmentOf } from "./names.ts";
import { notify } from "./notify.ts";
import { closePhases, withPhase } from "./phases.ts";
import type { Rollout } from "./resources.ts";
import { endIn, timestamp, type World } from "./world.ts";

/** The states in which a rollout has its target for itself. */
const ACTIVE: ReadonlySet<string> = new Set(["IN_PROGRESS", "CANCELLING"]);

const FIRST_TIME =
  "The canary was skipped: nothing was deployed to the target before, so there is no traffic to split";

/** Changes a rollout, and tells so unless it was made in that state. */
export function changeState(world: World, rollout: Rollout, change: Partial<Rollout>): Rollout {
  const changed = world.rollouts.change(rollout, change);
  if (change.state !== rollout.state) {
    notify(world, "resources Update", changed);
  }
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
  notify(world, `operations ${TOLD[change.state]}`, ended);
  startNext(world, ended);
}

/** Those rollouts to a rollout's target, in whatever pipeline, that are in one of these states. */
export function onSameTarget(
  { rollouts }: World,
  { name, targetId }: Rollout,
  states: ReadonlySet<string>,
): readonly Rollout[] {
  return [...rollouts.records.values()].filter(
    (one) =>
      one.targetId === targetId &&
      states.has(one.state) &&
      locationOf(one.name) === locationOf(name),
  );
}

/** The rollout that has a rollout's target for itself, or undefined. */
export function activeRollout(world: World, rollout: Rollout): Rollout | undefined {
  return onSameTarget(world, rollout, ACTIVE)[0];
}

/** What a rollout does once its release is rendered: it asks for approval, or it queues. */
export function admit(world: World, rollout: Rollout): void {
  if (rollout.approvalState === "NEEDS_APPROVAL") {
    notify(world, "approvals Required", changeState(world, rollout, { state: "PENDING_APPROVAL" }));
    return;
  }
  enqueue(world, rollout);
}

/** Queues a rollout on its target, and starts it if its turn has come. */
export function enqueue(world: World, rollout: Rollout): void {
  changeState(world, rollout, { state: "PENDING", enqueueTime: timestamp(world) });
  startNext(world, rollout);
}

/** Begins a phase of a rollout that is in progress, with a new job run. */
export function startPhase(world: World, rollout: Rollout, phaseId: string): void {
  const createTime = timestamp(world);
  const uid = randomUUID();
  const name = `${rollout.name}/jobRuns/${uid}`;
  world.jobRuns.records.set(name, {
    name,
    uid,
    phaseId,
    jobId: "deploy",
    createTime,
    startTime: createTime,
    state: "IN_PROGRESS",
    deployJobRun: {},
  });
  const change = { state: "IN_PROGRESS", jobRun: name } as const;
  world.rollouts.change(rollout, { phases: withPhase(rollout, phaseId, change) });
  notify(world, "resources Create", { name });
  notify(world, "operations Start", { name, phaseId });
  endIn(world, world.timings.jobMs, name);
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
  const { name } = changeState(world, rollout, change);
  notify(world, "advances Required", { name, phaseId: next.id });
}

/** Starts the rollout that has queued longest on a rollout's target, if the target is free. */
function startNext(world: World, rollout: Rollout): void {
  if (activeRollout(world, rollout) !== undefined) {
    return;
  }
  const [next] = orderBy(onSameTarget(world, rollout, new Set(["PENDING"])), "enqueueTime");
  if (next !== undefined) {
    start(world, next);
  }
}

function start(world: World, rollout: Rollout): void {
  const skipped = { state: "SKIPPED", skipMessage: FIRST_TIME } as const;
  const canaries = isFirst(world, rollout) ? rollout.phases.length - 1 : 0;
  const started = changeState(world, rollout, {
    phases: closePhases(rollout.phases, skipped, canaries),
    state: "IN_PROGRESS",
    deployStartTime: timestamp(world),
  });
  notify(world, "operations Start", { name: started.name });
  const first = started.phases.find(({ state }) => state === "PENDING");
  if (first !== undefined) {
    startPhase(world, started, first.id);
  }
}

/**
 * Whether nothing of this pipeline ever succeeded on the target: then a canary has nothing to share with.
 * Source: https://cloud.google.com/deploy/docs/deployment-strategies/manage-rollout
 */
function isFirst(world: World, rollout: Rollout): boolean {
  const pipeline = segmentOf(rollout.name, "deliveryPipelines");
  return !onSameTarget(world, rollout, new Set(["SUCCEEDED"])).some(
    ({ name }) => segmentOf(name, "deliveryPipelines") === pipeline,
  );
}
