import { assert } from "../assert.ts";
import type { Change } from "../change/change.ts";
import { putPromotion } from "../change/change.ts";
import type { PromotionId } from "../ids.ts";
import { stepMessage, withStep } from "../promotion.ts";
import type { Promotion, StepName } from "../promotion.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { findEnvironment, findPromotion, releaseOf } from "../state.ts";
import { after, days, minutes } from "../time.ts";
import type { Duration } from "../time.ts";

/** A promotion that runs, with its environment and its release. */
export type Run = {
  readonly promotion: Promotion;
  readonly environment: Environment;
  readonly release: Release;
};

/** How long each step may take before Slipway gives it up. */
export const STEP_MAX: Readonly<Record<StepName, Duration>> = {
  gates: days(14),
  approval: days(14),
  backup: minutes(6 * 60),
  migrate: minutes(25 * 60),
  restore: minutes(24 * 60),
  // As long as Cloud Deploy lets one job run.
  rollout: days(1),
  verify: minutes(5),
  bake: days(2),
  contract: minutes(25 * 60),
};

/** The run of a promotion; null when the promotion does not run. */
export function runOf(change: Change, id: PromotionId): Run | null {
  const promotion = findPromotion(change.state, id);
  if (promotion === null || promotion.state !== "RUNNING") {
    return null;
  }
  const environment = findEnvironment(change.state.service, promotion.environment);
  const release = releaseOf(change.state, promotion.release);
  return environment === null ? null : { promotion, environment, release };
}

/** Marks a step as begun, and sets the deadline for it. */
export function beginStep(change: Change, promotion: Promotion, name: StepName): Change {
  assert(promotion.state === "RUNNING", `only a running promotion begins ${name}`);
  const begun = withStep(promotion, name, {
    state: "RUNNING",
    startedAt: change.now,
    message: null,
  });
  return putPromotion(change, { ...begun, deadline: after(change.now, STEP_MAX[name]) });
}

/** Marks a step as succeeded. `proceed` begins the next one. */
export function finishStep(
  change: Change,
  promotion: Promotion,
  step: { readonly name: StepName; readonly message: string | null },
): Change {
  const { name, message } = step;
  return putPromotion(
    change,
    withStep(promotion, name, { state: "SUCCEEDED", endedAt: change.now, message }),
  );
}

/** Sets a step's message, which says what it does or waits for. The same message again changes nothing. */
export function say(
  change: Change,
  promotion: Promotion,
  step: { readonly name: StepName; readonly message: string },
): Change {
  const told = promotion.steps.find(({ name }) => name === step.name)?.message;
  const message = stepMessage(step.message);
  return told === message
    ? change
    : putPromotion(change, withStep(promotion, step.name, { message }));
}
