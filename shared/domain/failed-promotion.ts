import type { PromotionId, ReleaseId } from "./ids.ts";
import type { Instant } from "./time.ts";

/** The promotion that failed last in an environment, as long as nothing was deployed there since. */
export type FailedPromotion = {
  readonly promotion: PromotionId;
  readonly release: ReleaseId;
  readonly tag: string | null;
  readonly at: Instant;
  /** Why, cut to the length that is kept. */
  readonly reason: string;
};

/** How many characters are kept of why a promotion failed; the promotion has all of it. */
export const FAILURE_LENGTH_MAX = 200;
