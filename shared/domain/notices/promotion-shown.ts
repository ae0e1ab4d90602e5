import { productionOf } from "../numbers/figures.ts";
import { isForward } from "../promotion.ts";
import type { Promotion, StepName } from "../promotion.ts";
import type { Service } from "../service.ts";
import type { Card } from "./card.ts";

/** How a promotion is shown where the source of an image lives. */
export type PromotionShown = {
  /** How it stands; the words are GitHub's. Source: https://docs.github.com/rest/deployments/statuses */
  readonly state: "queued" | "in_progress" | "success" | "failure" | "inactive";
  /**
   * How the commit stands in that environment; null while nothing has begun, so that no commit looks unfinished only
   * because nobody has promoted it yet.
   */
  readonly commit: "pending" | "success" | "failure" | "error" | null;
  readonly text: string;
};

/** The steps that change nothing in the environment. */
const BEFORE_ANYTHING: ReadonlySet<StepName> = new Set(["gates", "approval"]);

/**
 * How a promotion is shown at its commit. A release is shown as failed only for what it did itself: what a person
 * ended, or what gave way, is over. `isCurrent` says whether the release that the promotion brought is still there.
 */
export function shownAs(promotion: Promotion, card: Card, isCurrent: boolean): PromotionShown {
  const why = card.why === "" ? card.headline : `${card.headline}: ${card.why}`;
  const hasBegun = promotion.steps.some(
    ({ name, startedAt }) => startedAt !== null && !BEFORE_ANYTHING.has(name),
  );
  switch (promotion.state) {
    case "WAITING":
      return { state: "queued", commit: null, text: card.headline };
    case "RUNNING":
      return { state: "in_progress", commit: hasBegun ? "pending" : null, text: why };
    case "SUCCEEDED":
      return isCurrent ? THERE : LEFT;
    case "FAILED":
    case "ROLLED_BACK":
      return { state: "failure", commit: hasBegun ? "failure" : null, text: why };
    case "CANCELLED":
    case "REJECTED":
    case "SUPERSEDED":
      return { state: "inactive", commit: hasBegun ? "error" : null, text: why };
  }
}

const THERE: PromotionShown = { state: "success", commit: "success", text: "is there" };

/** A release that another one took the place of. */
export const LEFT: PromotionShown = {
  state: "inactive",
  commit: "success",
  text: "was there; another release is now",
};

/** Whether the promotion brings a release, and not data alone. */
export function movesRelease({ kind }: Promotion): boolean {
  return kind !== "restore";
}

/** Whether the environment is one that the users of the service meet. */
export function isProduction(service: Service, environment: string): boolean {
  return productionOf(service).includes(environment);
}

/** Whether the promotion has brought changes to production, which are there now. */
export function hasBrought(service: Service, promotion: Promotion, isCurrent: boolean): boolean {
  const { state, kind, environment } = promotion;
  return (
    state === "SUCCEEDED" && isCurrent && isForward(kind) && isProduction(service, environment)
  );
}
