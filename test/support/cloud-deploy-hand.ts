import { asPromotionId, asReleaseId } from "../../shared/domain/ids.ts";
import type { PipelineRef } from "../../shared/domain/service.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { Clock } from "../../shared/ports/clock.ts";
import {
  addRollout,
  finishPhase,
  isUnderWay,
  keyOf,
  setPhase,
  startNext,
} from "./memory-cloud-deploy.ts";
import type { CloudDeployWorld, MemoryRollout } from "./memory-cloud-deploy.ts";

/** Moves rollouts on, which Cloud Deploy does by itself. */
export type CloudDeployHand = {
  /** Ends the phase under way of every rollout, well, and finishes cancelling. Gives the rollouts that moved. */
  readonly finishAll: () => readonly MemoryRollout[];
  /** Fails the phase under way of one rollout, and the rollout with it. */
  readonly fail: (rollout: string, reason: string) => void;
  /** Rolls a target back as `gcloud deploy targets rollback` does; null where nothing ran there before. */
  readonly rollBack: (pipeline: PipelineRef, target: string) => MemoryRollout | null;
  /** Moves all traffic to an image, as `gcloud run services update-traffic` does. */
  readonly moveTraffic: (pipeline: PipelineRef, target: string, image: string) => void;
};

/** What moves the rollouts of a memory Cloud Deploy. */
export function cloudDeployHand(world: CloudDeployWorld, clock: Clock): CloudDeployHand {
  return {
    finishAll: () => {
      const moving = [...world.rollouts.values()].filter(
        ({ state, phases }) =>
          state === "CANCELLING" || (state === "IN_PROGRESS" && phases.some(isUnderWay)),
      );
      for (const rollout of moving) {
        finishPhase(world, rollout, clock.now());
      }
      return moving;
    },
    fail: (id, reason) => {
      for (const rollout of world.rollouts.values()) {
        if (rollout.id === id && rollout.state === "IN_PROGRESS") {
          setPhase(rollout, "IN_PROGRESS", "FAILED");
          rollout.state = "FAILED";
          rollout.failure = reason;
          rollout.endedAt = clock.now();
          startNext(world, rollout);
        }
      }
    },
    rollBack: (pipeline, target) => rollBackByHand(world, { pipeline, target, now: clock.now() }),
    moveTraffic: (pipeline, target, image) => {
      world.running.set(`${pipeline.id}/${target}`, image);
      world.movers.set(`${pipeline.id}/${target}`, "user:eve@example.com with gcloud");
    },
  };
}

function rollBackByHand(
  world: CloudDeployWorld,
  at: { readonly pipeline: PipelineRef; readonly target: string; readonly now: Instant },
): MemoryRollout | null {
  const { pipeline, target, now } = at;
  const there = [...world.rollouts.values()].filter(
    (rollout) => rollout.pipeline === pipeline.id && rollout.target === target,
  );
  const before = there.filter(({ state }) => state === "SUCCEEDED").at(-2);
  if (before === undefined) {
    return null;
  }
  const id = `${before.release}-to-${target}-${String(there.length + 1).padStart(4, "0")}`;
  const key = { rollout: asPromotionId(id), release: asReleaseId(before.release) };
  const description = `Rollback from ${there.at(-1)?.release ?? ""}`;
  addRollout(world, pipeline, {
    ...key,
    target,
    description,
    startingPhase: null,
    now,
    isByHand: true,
  });
  return world.rollouts.get(keyOf(pipeline, key)) ?? null;
}
