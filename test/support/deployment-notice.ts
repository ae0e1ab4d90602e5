import { environmentId, promotionId } from "../../shared/domain/ids.ts";
import { cardOf } from "../../shared/domain/notices/card.ts";
import type { PromotionKind, PromotionState, Step } from "../../shared/domain/promotion.ts";
import { newServiceState } from "../../shared/domain/state.ts";
import type { NoticeMessage } from "../../shared/ports/notices.ts";
import { aCandidate, anEnvironment, aReleaseOf, aService, START } from "./builders.ts";
import { aPromotion } from "./gate-case.ts";

/** What a notice of a promotion to production is about; what is left out is usual. */
type Told = {
  readonly number?: number;
  readonly kind?: PromotionKind;
  readonly state: PromotionState;
  readonly commit: string | null;
  /** Whether a step that changes something has begun. */
  readonly hasBegun?: boolean;
  readonly isCurrent?: boolean;
  readonly brought?: readonly string[];
  readonly source?: string | null;
  /** Why it failed. */
  readonly why?: string;
};

/** A notice of a promotion of `web` to its last stage, which is told now. */
export function aDeploymentNotice(told: Told): NoticeMessage {
  const { number = 2, kind = "manual", state, commit, why = null } = told;
  const { source = "https://github.com/acme/web.git", isCurrent = true, brought = [] } = told;
  const service = aService({
    source: source === null ? null : { repo: source, dir: null },
    environments: [
      anEnvironment("dev"),
      anEnvironment("prod", { stage: 1, category: "external", domain: "web.example.com" }),
    ],
  });
  const release = aReleaseOf(service, aCandidate(1, { commit }));
  const id = promotionId(release.id, environmentId("prod"), number);
  const hasBegun = told.hasBegun ?? state !== "WAITING";
  const rollout: Step = {
    name: "rollout",
    state: stepAt(state),
    startedAt: hasBegun ? START : null,
    endedAt: null,
    message: why,
  };
  const promotion = { ...aPromotion(), id, kind, state, gates: [], steps: [rollout] };
  const card = cardOf({ state: newServiceState(service), promotion, release });
  return {
    notice: {
      id: `web-${number}`,
      kind: "started",
      chain: "web",
      at: START,
      environment: environmentId("prod"),
      promotion: id,
      subject: id,
      text: "started",
      isPressing: false,
    },
    title: card.title,
    card,
    about: { service, promotion, release, isCurrent, brought },
    page: `https://slipway.example.com/promotions/${id}`,
    thread: null,
    isFollowed: false,
  };
}

function stepAt(state: PromotionState): Step["state"] {
  switch (state) {
    case "RUNNING":
      return "RUNNING";
    case "SUCCEEDED":
      return "SUCCEEDED";
    case "WAITING":
      return "PENDING";
    case "FAILED":
    case "ROLLED_BACK":
    case "CANCELLED":
    case "REJECTED":
    case "SUPERSEDED":
      return "FAILED";
  }
}
