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

/** One of them, or anything that Cloud Deploy may add. */
export type RolloutState = (typeof ROLLOUT_STATES)[number] | "UNRECOGNIZED";

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
  /** What whoever made it wrote about it; empty when nothing. */
  readonly description: string;
  readonly createdAt: Instant | null;
  /** When it ended; null while it has not, and where Cloud Deploy does not say. */
  readonly endedAt: Instant | null;
};

/** A rollout in a target of ours that Slipway has no open promotion for. */
export type ForeignRollout = {
  readonly id: string;
  readonly release: string;
  readonly state: RolloutState;
  readonly description: string;
  /** Since when it has been known in this state. */
  readonly since: Instant;
};

const UNDER_WAY: ReadonlySet<RolloutState> = new Set<RolloutState>([
  "PENDING_RELEASE",
  "PENDING",
  "IN_PROGRESS",
  "CANCELLING",
  // What is not known is not taken for over.
  "UNRECOGNIZED",
]);

/** Whether a rollout has its target, or will without anybody doing anything. */
export function isUnderWay(rollout: { readonly state: RolloutState }): boolean {
  return UNDER_WAY.has(rollout.state);
}

/** Names one rollout: the promotion's id is the rollout's id. */
export type RolloutKey = { readonly rollout: PromotionId; readonly release: ReleaseId };
