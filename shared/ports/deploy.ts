import type { Release } from "../domain/release.ts";
import type { RolloutKey, RolloutView } from "../domain/rollout.ts";
import type { PipelineRef } from "../domain/service.ts";

/**
 * Cloud Deploy. Creating what exists already, and advancing or cancelling what has moved on already,
 * is success. Every call throws TransientError or PermanentError when it cannot be done.
 */
export type Deploy = {
  /** Creates the release and waits until Cloud Deploy has it; rendering goes on after. */
  readonly createRelease: (pipeline: PipelineRef, release: Release) => Promise<void>;
  /** Creates the rollout and waits until Cloud Deploy has it; deploying goes on after. */
  readonly createRollout: (
    pipeline: PipelineRef,
    key: RolloutKey,
    rollout: {
      readonly target: string;
      readonly description: string;
      /** The phase to begin with; null for the first. A rollback begins with `stable`. */
      readonly startingPhase: string | null;
    },
  ) => Promise<void>;
  /** The rollout as it is now, or null when there is none. */
  readonly getRollout: (pipeline: PipelineRef, key: RolloutKey) => Promise<RolloutView | null>;
  /** The newest rollouts of a release, at most `limit`. */
  readonly listRollouts: (
    pipeline: PipelineRef,
    release: string,
    limit: number,
  ) => Promise<readonly RolloutView[]>;
  /** The rollouts of whatever release to a target that were made last, newest first, at most `limit`. */
  readonly targetRollouts: (
    pipeline: PipelineRef,
    target: string,
    limit: number,
  ) => Promise<readonly RolloutView[]>;
  readonly advanceRollout: (pipeline: PipelineRef, key: RolloutKey, phase: string) => Promise<void>;
  readonly approveRollout: (
    pipeline: PipelineRef,
    key: RolloutKey,
    isApproved: boolean,
  ) => Promise<void>;
  readonly cancelRollout: (pipeline: PipelineRef, key: RolloutKey) => Promise<void>;
};
