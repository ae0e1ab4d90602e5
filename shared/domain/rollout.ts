import type { PromotionId, ReleaseId } from "./ids.ts";

/** Cloud Deploy's ten rollout states, and anything it may add (gcp.md 3.6). */
export type RolloutState =
  | "SUCCEEDED"
  | "FAILED"
  | "IN_PROGRESS"
  | "PENDING_APPROVAL"
  | "APPROVAL_REJECTED"
  | "PENDING"
  | "PENDING_RELEASE"
  | "CANCELLING"
  | "CANCELLED"
  | "HALTED"
  | "UNRECOGNIZED";

/** A rollout as Cloud Deploy shows it at one moment. */
export type RolloutView = {
  readonly id: string;
  readonly release: string;
  readonly target: string;
  readonly state: RolloutState;
  /** The state's text as it came, for messages. */
  readonly rawState: string;
  /** Why it failed, when it did. */
  readonly failure: string | null;
  /** A phase that waits to be advanced: the one before it has succeeded. */
  readonly nextPhase: string | null;
};

/** Names one rollout: the promotion's id is the rollout's id. */
export type RolloutKey = { readonly rollout: PromotionId; readonly release: ReleaseId };
