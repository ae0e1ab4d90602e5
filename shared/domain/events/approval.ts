import { fact } from "../audit-record.ts";
import { putPromotion, record, refuse, reply } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { endPromotion } from "../change/end.ts";
import { materialOf } from "../changes/material.ts";
import type { ServiceEvent } from "../event.ts";
import { refuseApprover, standingApprovals } from "../gates/approval.ts";
import type { GateContext } from "../gates/context.ts";
import type { PromotionId } from "../ids.ts";
import { isAt, stepOf } from "../promotion.ts";
import type { Approval, Promotion } from "../promotion.ts";
import { findEnvironment, findPromotion, releaseOf } from "../state.ts";
import { passOnApproval } from "../steps/steer.ts";
import { runOf } from "../steps/run.ts";
import type { Refusal } from "../refusal.ts";
import { shorten } from "../text.ts";

type ApprovalGiven = Extract<ServiceEvent, { kind: "approval-given" }>;
type RejectionGiven = Extract<ServiceEvent, { kind: "rejection-given" }>;

/** How many approvals a promotion keeps: twice as many as any policy may ask for. */
const APPROVALS_MAX = 20;

/** How much of a comment a promotion keeps; the record has all of it. */
const COMMENT_LENGTH_MAX = 200;

/**
 * Somebody approves a promotion. The right was judged before; whether this person may approve this one is judged now.
 */
export function onApprovalGiven(change: Change, event: ApprovalGiven): Change {
  const promotion = findPromotion(change.state, event.promotion);
  const environment =
    promotion === null ? null : findEnvironment(change.state.service, promotion.environment);
  if (promotion === null || environment === null) {
    return refuse(change, over(event.promotion, "approved"));
  }
  const answer = { kind: "promotion" as const, promotion: promotion.id };
  const isLate = environment.policy.approvals === null || !isBeforeRollout(promotion);
  if (promotion.state === "RUNNING" && isLate) {
    return reply(approveRollout(change, promotion), answer);
  }
  const { state, now } = change;
  const standing = standingApprovals({
    state,
    environment,
    promotion,
    release: promotion.release,
  });
  const isEnough = standing.length >= APPROVALS_MAX;
  if (isEnough || standing.some(({ by }) => by === event.by)) {
    return reply(change, answer);
  }
  const release = releaseOf(state, promotion.release);
  const refusal = refuseApproval({ state, environment, release, promotion, now }, event);
  if (refusal !== null) {
    return refuse(change, refusal);
  }
  return reply(approved(change, { environment, release, promotion }, event), answer);
}

/** Why an approval is refused: its giver may not approve this promotion, or was shown other changes. */
function refuseApproval(
  context: GateContext & { readonly promotion: Promotion },
  { by, shown }: ApprovalGiven,
): Refusal | null {
  const why = refuseApprover(context, by);
  if (why !== null) {
    return { kind: "forbidden", message: why };
  }
  const material = materialOf(context.state, context.environment);
  return shown === undefined || shown === material
    ? null
    : changed(context.promotion, shown, material);
}

/** Keeps the approval, and records it with what it is given for. */
function approved(
  change: Change,
  {
    environment,
    release,
    promotion,
  }: Pick<GateContext, "environment" | "release"> & {
    readonly promotion: Promotion;
  },
  event: ApprovalGiven,
): Change {
  const { state, now } = change;
  const shown = promotion.kind === "restore" ? null : materialOf(state, environment);
  return record(
    putPromotion(change, withApproval(promotion, { ...event, shown, at: now })),
    fact("promotion.approved", event.by, {
      ...about(promotion),
      reason: event.comment,
      details: {
        ...(shown !== null && { shown }),
        digest: release.digest,
        revision: release.revision,
      },
    }),
  );
}

function changed({ id, service, environment }: Promotion, was: string, is: string): Refusal {
  const step = { kind: "changes" as const, service, environment };
  return {
    kind: "conflict",
    message: `the changes of promotion ${id} are no longer those that you were shown: that was "${was}", and now it is "${is}"`,
    help: { how: "approve again once you have looked at them", step },
  };
}

/** The promotion with an approval more. Of each person only the last approval is kept. */
function withApproval(promotion: Promotion, { by, at, comment: said, shown }: Approval): Promotion {
  const comment = said === null ? null : shorten(said, COMMENT_LENGTH_MAX);
  const others = promotion.approvals.filter((approval) => approval.by !== by);
  return { ...promotion, approvals: [...others, { by, at, comment, shown }].slice(-APPROVALS_MAX) };
}

/** Whether the rollout is still to come. A promotion may run already, if the specification asks for approvals since. */
function isBeforeRollout(promotion: Promotion): boolean {
  const isAsked = stepOf(promotion, "approval")?.state === "PENDING";
  return isAsked || stepOf(promotion, "rollout")?.state === "PENDING";
}

/** Passes the approval on if the rollout waits for an approval that Cloud Deploy itself asks for. */
function approveRollout(change: Change, promotion: Promotion): Change {
  const run = runOf(change, promotion.id);
  return run !== null && isAt(promotion, "rollout") && promotion.rolloutApproval === "awaited"
    ? passOnApproval(change, run)
    : change;
}

/** Somebody rejects a promotion that waits for them: it ends. */
export function onRejectionGiven(change: Change, event: RejectionGiven): Change {
  const promotion = findPromotion(change.state, event.promotion);
  const isAsked =
    promotion?.state === "WAITING" ||
    (promotion !== null && stepOf(promotion, "approval")?.state === "PENDING");
  if (promotion === null || !isAsked) {
    return refuse(change, over(event.promotion, "rejected"));
  }
  const end = { state: "REJECTED" as const, message: event.reason, by: event.by };
  return reply(endPromotion(change, promotion, end), {
    kind: "promotion",
    promotion: promotion.id,
  });
}

function over(id: PromotionId, what: string): Refusal {
  return {
    kind: "conflict",
    message: `promotion ${id} no longer waits, so it cannot be ${what}`,
    help: { how: "see how it ended", step: { kind: "look", promotion: id } },
  };
}

function about(promotion: Promotion): Pick<Promotion, "environment" | "release"> & {
  readonly promotion: PromotionId;
} {
  const { environment, release, id } = promotion;
  return { environment, release, promotion: id };
}
