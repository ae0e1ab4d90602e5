import type { Digest } from "../../shared/domain/ids.ts";
import type { RolloutKey, RolloutState, RolloutView } from "../../shared/domain/rollout.ts";
import type { PipelineRef } from "../../shared/domain/service.ts";
import type { Deploy } from "../../shared/ports/deploy.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import type { MemoryCalls } from "./memory-calls.ts";

/** A release as the memory Cloud Deploy keeps it. */
export type MemoryRelease = {
  readonly id: string;
  readonly pipeline: string;
  readonly repository: string;
  readonly digest: Digest;
  readonly sourceUri: string;
};

type PhaseState = "PENDING" | "IN_PROGRESS" | "SUCCEEDED" | "FAILED" | "SKIPPED";

/** A rollout as the memory Cloud Deploy keeps it. */
export type MemoryRollout = {
  readonly id: string;
  readonly pipeline: string;
  readonly release: string;
  readonly target: string;
  readonly description: string;
  /** Whether somebody made it beside Slipway. */
  readonly isByHand: boolean;
  state: RolloutState;
  failure: string | null;
  readonly createdAt: Instant;
  endedAt: Instant | null;
  readonly phases: { readonly id: string; state: PhaseState }[];
};

/** All that the memory Cloud Deploy knows. Keys are `pipeline/release` and `pipeline/release/rollout`. */
export type CloudDeployWorld = {
  readonly releases: Map<string, MemoryRelease>;
  readonly rollouts: Map<string, MemoryRollout>;
  /** The phases of new rollouts, by target; a target that is not named has the one phase `stable`. */
  readonly phases: Map<string, readonly string[]>;
  /** The targets that ask for an approval. */
  readonly approvals: Set<string>;
  /** What serves, by `pipeline/target`: the image that the last successful rollout brought. */
  readonly running: Map<string, string>;
  /** Who moved what serves by hand, by `pipeline/target`. */
  readonly movers: Map<string, string>;
};

/** A Cloud Deploy with nothing in it. */
export function newCloudDeployWorld(): CloudDeployWorld {
  return {
    releases: new Map(),
    rollouts: new Map(),
    phases: new Map(),
    approvals: new Set(),
    running: new Map(),
    movers: new Map(),
  };
}

const ACTIVE: ReadonlySet<RolloutState> = new Set(["IN_PROGRESS", "CANCELLING"]);
const OVER: ReadonlySet<RolloutState> = new Set([
  "SUCCEEDED",
  "FAILED",
  "APPROVAL_REJECTED",
  "CANCELLED",
  "HALTED",
]);

/** The deploy port on a Cloud Deploy in memory, where time stands still until the hand moves it. */
export function memoryDeploy(world: CloudDeployWorld, calls: MemoryCalls, clock: Clock): Deploy {
  return {
    createRelease: (pipeline, release) =>
      calls.make("deploy.createRelease", () => {
        const { id, repository, digest, sourceUri } = release;
        const key = `${pipeline.id}/${id}`;
        const there = world.releases.get(key);
        if (there !== undefined && (there.repository !== repository || there.digest !== digest)) {
          throw new PermanentError("ALREADY_EXISTS", `${key} is another image`);
        }
        world.releases.set(key, { id, pipeline: pipeline.id, repository, digest, sourceUri });
      }),
    createRollout: (pipeline, key, wanted) =>
      calls.make("deploy.createRollout", () => {
        const there = world.rollouts.get(keyOf(pipeline, key));
        if (there !== undefined && there.target !== wanted.target) {
          throw new PermanentError("ALREADY_EXISTS", `${there.id} goes to ${there.target}`);
        }
        if (there === undefined) {
          addRollout(world, pipeline, { ...key, ...wanted, now: clock.now() });
        }
      }),
    getRollout: (pipeline, key) =>
      calls.make("deploy.getRollout", () => {
        const rollout = world.rollouts.get(keyOf(pipeline, key));
        return rollout === undefined ? null : viewOf(rollout);
      }),
    listRollouts: (pipeline, release, limit) =>
      calls.make("deploy.listRollouts", () =>
        [...world.rollouts.values()]
          .filter((rollout) => rollout.pipeline === pipeline.id && rollout.release === release)
          .toReversed()
          .slice(0, limit)
          .map(viewOf),
      ),
    targetRollouts: (pipeline, target, limit) =>
      calls.make("deploy.targetRollouts", () =>
        [...world.rollouts.values()]
          .filter((rollout) => rollout.pipeline === pipeline.id && rollout.target === target)
          .toReversed()
          .slice(0, limit)
          .map(viewOf),
      ),
    advanceRollout: (pipeline, key, phase) =>
      calls.make("deploy.advanceRollout", () => {
        advance(found(world, pipeline, key), phase);
      }),
    approveRollout: (pipeline, key, isApproved) =>
      calls.make("deploy.approveRollout", () => {
        const rollout = found(world, pipeline, key);
        if (rollout.state === "PENDING_APPROVAL") {
          rollout.state = isApproved ? "PENDING" : "APPROVAL_REJECTED";
          startNext(world, rollout);
        }
      }),
    cancelRollout: (pipeline, key) =>
      calls.make("deploy.cancelRollout", () => {
        const rollout = found(world, pipeline, key);
        if (!OVER.has(rollout.state)) {
          rollout.state = "CANCELLING";
        }
      }),
  };
}

/** Adds a rollout, which starts when its target is free. */
export function addRollout(
  world: CloudDeployWorld,
  pipeline: PipelineRef,
  wanted: RolloutKey &
    Parameters<Deploy["createRollout"]>[2] & {
      readonly now: Instant;
      readonly isByHand?: boolean;
    },
): void {
  const { rollout: id, release, target, description, startingPhase, isByHand = false } = wanted;
  if (!world.releases.has(`${pipeline.id}/${release}`)) {
    throw new PermanentError("NOT_FOUND", `there is no release ${pipeline.id}/${release}`);
  }
  const names = world.phases.get(target) ?? ["stable"];
  const first = startingPhase === null ? 0 : names.indexOf(startingPhase);
  if (first === -1) {
    throw new PermanentError("INVALID_ARGUMENT", `${id} has no phase ${startingPhase}`);
  }
  const phases = names.map((phase, index) => ({
    id: phase,
    state: index < first ? ("SKIPPED" as const) : ("PENDING" as const),
  }));
  const state = world.approvals.has(target) ? "PENDING_APPROVAL" : "PENDING";
  const rollout: MemoryRollout = {
    id,
    pipeline: pipeline.id,
    release,
    target,
    description,
    isByHand,
    state,
    failure: null,
    createdAt: wanted.now,
    endedAt: null,
    phases,
  };
  world.rollouts.set(keyOf(pipeline, { rollout: wanted.rollout, release }), rollout);
  startNext(world, rollout);
}

/** A target has one rollout under way; the others wait for their turn. */
export function startNext(world: CloudDeployWorld, { pipeline, target }: MemoryRollout): void {
  const there = [...world.rollouts.values()].filter(
    (rollout) => rollout.pipeline === pipeline && rollout.target === target,
  );
  const next = there.find(({ state }) => state === "PENDING");
  if (next !== undefined && !there.some(({ state }) => ACTIVE.has(state))) {
    next.state = "IN_PROGRESS";
    setPhase(next, "PENDING", "IN_PROGRESS");
  }
}

/** Ends the phase under way of a rollout, well, or its cancelling. */
export function finishPhase(world: CloudDeployWorld, rollout: MemoryRollout, now: Instant): void {
  if (rollout.state === "CANCELLING") {
    rollout.state = "CANCELLED";
    rollout.endedAt = now;
  } else {
    setPhase(rollout, "IN_PROGRESS", "SUCCEEDED");
    if (rollout.phases.every(({ state }) => state === "SUCCEEDED" || state === "SKIPPED")) {
      rollout.state = "SUCCEEDED";
      rollout.endedAt = now;
      world.movers.delete(`${rollout.pipeline}/${rollout.target}`);
      const release = world.releases.get(`${rollout.pipeline}/${rollout.release}`);
      const image = `${release?.repository ?? ""}@${release?.digest ?? ""}`;
      world.running.set(`${rollout.pipeline}/${rollout.target}`, image);
    }
  }
  startNext(world, rollout);
}

function advance(rollout: MemoryRollout, phase: string): void {
  const index = rollout.phases.findIndex(({ id }) => id === phase);
  const isPending = rollout.phases[index]?.state === "PENDING";
  const isReady =
    rollout.state === "IN_PROGRESS" && rollout.phases[index - 1]?.state === "SUCCEEDED";
  if (index === -1) {
    throw new PermanentError("NOT_FOUND", `${rollout.id} has no phase ${phase}`);
  }
  if (isPending && !isReady && !OVER.has(rollout.state)) {
    throw new PermanentError("FAILED_PRECONDITION", `${phase} of ${rollout.id} cannot begin`);
  }
  if (isPending && isReady) {
    setPhase(rollout, "PENDING", "IN_PROGRESS");
  }
}

/** Changes the state of the first phase that is in the given one. */
export function setPhase(rollout: MemoryRollout, from: PhaseState, to: PhaseState): void {
  const phase = rollout.phases.find(({ state }) => state === from);
  if (phase !== undefined) {
    phase.state = to;
  }
}

/** Whether a phase is under way. */
export function isUnderWay({ state }: { readonly state: PhaseState }): boolean {
  return state === "IN_PROGRESS";
}

function viewOf(rollout: MemoryRollout): RolloutView {
  const { id, release, target, state, failure, phases } = rollout;
  const pending = phases.findIndex((phase) => phase.state === "PENDING");
  const isWaiting = state === "IN_PROGRESS" && phases[pending - 1]?.state === "SUCCEEDED";
  const nextPhase = isWaiting ? (phases[pending]?.id ?? null) : null;
  const { description, createdAt, endedAt } = rollout;
  const times = { createdAt, endedAt };
  return { id, release, target, state, rawState: state, failure, nextPhase, description, ...times };
}

/** How a rollout is kept. */
export function keyOf(pipeline: PipelineRef, { release, rollout }: RolloutKey): string {
  return `${pipeline.id}/${release}/${rollout}`;
}

function found(world: CloudDeployWorld, pipeline: PipelineRef, key: RolloutKey): MemoryRollout {
  const rollout = world.rollouts.get(keyOf(pipeline, key));
  if (rollout === undefined) {
    throw new PermanentError("NOT_FOUND", `there is no rollout ${keyOf(pipeline, key)}`);
  }
  return rollout;
}
