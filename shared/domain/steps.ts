import type { Step, StepName } from "./promotion.ts";
import type { Instant } from "./time.ts";

/** Every promotion's steps, in order. */
const STEPS: readonly StepName[] = ["gates", "rollout"];

/** The steps of a new promotion: the gates are being judged, the rest has not begun. */
export function newSteps(now: Instant): readonly Step[] {
  return STEPS.map((name) =>
    name === "gates"
      ? { name, state: "RUNNING", startedAt: now, endedAt: null, message: null }
      : { name, state: "PENDING", startedAt: null, endedAt: null, message: null },
  );
}
