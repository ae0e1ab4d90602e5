import type { PromotionId, ReleaseId } from "./ids.ts";
import type { Instant } from "./time.ts";

/** Cloud Deploy's ten rollout states (gcp.md 3.6). */
export const ROLLOUT_STATES = [
  "SUCCEEDED",
  "FAILED",
  "IN_PROGRESS",
  "PENDING_APPROVAL",
  "APPROVAL_REJECTED",
  "PENDING",
  "PENDING_RELEASE",
  "CANCELLING",
  "CANCELLED",
  "HALTED",
] as const;

/** A rollout's state; `UNRECOGNIZED` is one that Cloud Deploy has added since. */
export type RolloutState = (typeof ROLLOUT_STATES)[number] | "UNRECOGNIZED";

/** A rollout as Cloud Deploy shows it at one moment. */
export type RolloutView = {
  readonly id: string;
  readonly release: string;
  readonly target: string;
  readonly state: RolloutState;
  /** The state as Cloud Deploy wrote it, for messages. */
  readonly rawState: string;
  /** Why the rollout failed; null if it did not. */
  readonly failure: string | null;
  /** The phase that waits to be advanced, because the phase before it has succeeded; null if none waits. */
  readonly nextPhase: string | null;
  /** The description that the rollout was given; empty when it has none. */
  readonly description: string;
  readonly createdAt: Instant | null;
  /** When the rollout ended; null before, and where Cloud Deploy does not say. */
  readonly endedAt: Instant | null;
};

/** A rollout in a target of ours that no open promotion of Slipway made. */
export type ForeignRollout = {
  readonly id: string;
  readonly release: string;
  readonly state: RolloutState;
  readonly description: string;
  /** When Slipway first saw the rollout in this state. */
  readonly since: Instant;
};

const UNDER_WAY: ReadonlySet<RolloutState> = new Set<RolloutState>([
  "PENDING_RELEASE",
  "PENDING",
  "IN_PROGRESS",
  "CANCELLING",
  // An unknown state may be of a rollout that still runs.
  "UNRECOGNIZED",
]);

/** Whether a rollout changes its target, or will do so without anybody doing anything. */
export function isUnderWay(rollout: { readonly state: RolloutState }): boolean {
  return UNDER_WAY.has(rollout.state);
}

/** Names one rollout: the promotion's id is the rollout's id. */
export type RolloutKey = { readonly rollout: PromotionId; readonly release: ReleaseId };
