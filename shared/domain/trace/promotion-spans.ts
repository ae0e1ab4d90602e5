import type { Effect } from "../effect.ts";
import type { EnvironmentId, PromotionId, ReleaseId, ServiceId } from "../ids.ts";
import { isEnded } from "../promotion.ts";
import type { Promotion, PromotionKind, PromotionState, Step, StepName } from "../promotion.ts";
import { pushedAtOf } from "../release.ts";
import { environmentState, findEnvironment, findPromotion, stageBefore } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { entryOf } from "../entry-of.ts";
import { momentOf } from "../numbers/moment.ts";
import type { Instant } from "../time.ts";

/** A stretch of a promotion that is over, as its trace tells of it. */
export type PromotionSpan = {
  readonly service: ServiceId;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly promotion: PromotionId;
  readonly kind: PromotionKind;
  /** A step; the whole, from its cause to its end; or the time from the push until Slipway knew of it. */
  readonly name: StepName | "promotion" | "detection";
  readonly from: Instant;
  readonly to: Instant;
  /** How the step or the promotion ended. */
  readonly state: Step["state"] | PromotionState;
  readonly message: string | null;
  /** The promotion that brought the release into the stage before, whose trace goes before; null when none did. */
  readonly follows: PromotionId | null;
};

/**
 * What has ended of promotions between two states of a service: each step that has ended, and each promotion as a whole. What had
 * ended before is not told again, so each span is told of once for each decision that is stored.
 */
export function endedSpans(
  before: ServiceState | null,
  after: { readonly state: ServiceState; readonly promotions: readonly Promotion[] },
): readonly PromotionSpan[] {
  return after.promotions.flatMap((promotion) => {
    const known = before === null ? null : findPromotion(before, promotion.id);
    const pushed = pushOf(promotion, after.state);
    const detected = known === null ? pushed : null;
    return [
      ...(detected === null ? [] : [detection(promotion, detected)]),
      ...promotion.steps.flatMap((step) => stepSpans(promotion, step, known)),
      ...(isEnded(promotion) ? [whole(promotion, pushed, after.state)] : []),
    ];
  });
}

/** The step of a promotion for which an effect is done; null where it is done for none, or where that cannot be told. */
export function stepFor(effect: Effect): StepName | null {
  switch (effect.kind) {
    case "create-release":
    case "create-rollout":
    case "advance-rollout":
    case "approve-rollout":
    case "cancel-rollout":
      return "rollout";
    case "find-databases":
    case "take-backup":
      return "backup";
    case "run-job":
      return effect.mark.startsWith(`${effect.promotion}-contract`) ? "contract" : "migrate";
    case "restore-backup":
      return "restore";
    case "read-incidents":
    case "read-provenance":
      return "gates";
    // A probe is made for `verify` and for `bake`.
    case "probe":
    case "remove-backup":
      return null;
  }
}

function stepSpans(
  promotion: Promotion,
  step: Step,
  known: Promotion | null,
): readonly PromotionSpan[] {
  const { name, startedAt, endedAt, state, message } = step;
  const earlier = known?.steps.find((one) => one.name === name)?.endedAt ?? null;
  return startedAt === null || endedAt === null || endedAt === earlier
    ? []
    : [
        {
          ...subjectOf(promotion),
          name,
          from: startedAt,
          to: endedAt,
          state,
          message,
          follows: null,
        },
      ];
}

function whole(promotion: Promotion, pushed: Instant | null, known: ServiceState): PromotionSpan {
  const { createdAt, endedAt, state, reason } = promotion;
  const times = { from: pushed ?? createdAt, to: endedAt ?? createdAt };
  const follows = promotionBefore(promotion, known);
  const ended = { state, message: reason, follows };
  return { ...subjectOf(promotion), name: "promotion", ...times, ...ended };
}

function promotionBefore(promotion: Promotion, state: ServiceState): PromotionId | null {
  const environment = findEnvironment(state.service, promotion.environment);
  const before = environment === null ? null : stageBefore(state.service, environment);
  const there = before === null ? null : environmentState(state, before.id).current;
  return there !== null && there.release === promotion.release ? there.promotion : null;
}

function detection(promotion: Promotion, pushed: Instant): PromotionSpan {
  const times = { from: pushed, to: promotion.createdAt };
  const ended = { state: "SUCCEEDED" as const, message: null, follows: null };
  return { ...subjectOf(promotion), name: "detection", ...times, ...ended };
}

/** When the push was that set the promotion off; null when something else did. */
function pushOf({ kind, release: id, createdAt }: Promotion, state: ServiceState): Instant | null {
  const release = entryOf(state.releases, id);
  if (kind !== "automatic" || release === undefined || release.createdAt !== createdAt) {
    return null;
  }
  const pushed = momentOf(pushedAtOf(release));
  return pushed === null || pushed > createdAt ? null : pushed;
}

function subjectOf(
  promotion: Promotion,
): Pick<PromotionSpan, "service" | "environment" | "release" | "promotion" | "kind"> {
  const { service, environment, release, id, kind } = promotion;
  return { service, environment, release, promotion: id, kind };
}
