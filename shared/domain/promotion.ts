import type { EnvironmentId, PromotionId, ReleaseId, ServiceId } from "./ids.ts";
import type { GateReport } from "./gates/verdict.ts";
import type { Actor } from "./release.ts";
import type { Instant } from "./time.ts";

/** What set a promotion off. */
export type PromotionKind = "automatic" | "manual" | "scheduled" | "rollback";

/** How a promotion stands. All but the first two are final. */
export type PromotionState =
  | "WAITING"
  | "RUNNING"
  | "SUCCEEDED"
  | "FAILED"
  | "CANCELLED"
  | "REJECTED"
  | "SUPERSEDED"
  | "ROLLED_BACK";

/** The parts of a promotion, in their order. */
export type StepName = "gates" | "rollout";

/** How a step stands. */
export type StepState = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "SKIPPED";

/** One part of a promotion. */
export type Step = {
  readonly name: StepName;
  readonly state: StepState;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  /** What the step waits for, did, or failed of, for a person to read. */
  readonly message: string | null;
};

/** Closed gates passed by a named person, on the record. */
export type BreakGlass = { readonly by: Actor; readonly reason: string };

/** Moving one release into one environment. */
export type Promotion = {
  readonly id: PromotionId;
  readonly service: ServiceId;
  readonly environment: EnvironmentId;
  readonly release: ReleaseId;
  readonly kind: PromotionKind;
  readonly state: PromotionState;
  readonly requestedBy: Actor;
  readonly reason: string | null;
  readonly createdAt: Instant;
  readonly endedAt: Instant | null;
  readonly steps: readonly Step[];
  readonly gates: readonly GateReport[];
  readonly breakGlass: BreakGlass | null;
  /** When the present wait or run is given up; null once ended. */
  readonly deadline: Instant | null;
};

/** Whether the promotion has ended for good. */
export function isEnded(promotion: Promotion): boolean {
  return promotion.state !== "WAITING" && promotion.state !== "RUNNING";
}

/** The promotion with one step changed. */
export function withStep(
  promotion: Promotion,
  name: StepName,
  change: Partial<Omit<Step, "name">>,
): Promotion {
  const steps = promotion.steps.map((step) => (step.name === name ? { ...step, ...change } : step));
  return { ...promotion, steps };
}

/** The promotion ended in a state, with whatever step was under way ended alike. */
export function ended(
  promotion: Promotion,
  end: { readonly state: PromotionState; readonly message: string | null; readonly at: Instant },
): Promotion {
  const steps = promotion.steps.map((step) => endedStep(step, end));
  return { ...promotion, state: end.state, endedAt: end.at, deadline: null, steps };
}

function endedStep(
  step: Step,
  end: { readonly state: PromotionState; readonly message: string | null; readonly at: Instant },
): Step {
  if (step.state === "SUCCEEDED") {
    return step;
  }
  if (step.state === "PENDING") {
    return { ...step, state: "SKIPPED" };
  }
  const state = end.state === "FAILED" ? "FAILED" : "SKIPPED";
  return { ...step, state, endedAt: end.at, message: end.message };
}
