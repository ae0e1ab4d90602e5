import type { Promotion, PromotionKind, Step, StepName } from "../promotion.ts";
import type { Policy } from "../policy.ts";
import type { Instant } from "../time.ts";

/** The steps of a promotion, in order: what the environment's policy asks of that kind of promotion. */
export function planSteps(
  policy: Policy,
  kind: PromotionKind,
  restoresData: boolean,
): readonly StepName[] {
  switch (kind) {
    case "rollback":
      return [
        "gates",
        ...when(restoresData, "backup", "restore"),
        "rollout",
        ...when(policy.verify !== null, "verify"),
      ];
    case "restore":
      return ["gates", ...when(policy.approvals !== null, "approval"), "backup", "restore"];
    case "automatic":
    case "manual":
    case "scheduled":
      return forward(policy);
  }
}

function forward(policy: Policy): readonly StepName[] {
  const { approvals, backup, migrations, verify } = policy;
  return [
    "gates",
    ...when(approvals !== null, "approval"),
    ...when(backup !== null, "backup"),
    ...when(migrations.before !== null, "migrate"),
    "rollout",
    ...when(verify !== null, "verify"),
    ...when(verify !== null && verify.bake > 0, "bake"),
    ...when(migrations.after?.start === "automatic", "contract"),
  ];
}

function when(isAsked: boolean, ...names: readonly StepName[]): readonly StepName[] {
  return isAsked ? names : [];
}

/** The steps of a new promotion: the gates are being judged, the rest has not begun. */
export function newSteps(names: readonly StepName[], now: Instant): readonly Step[] {
  return names.map((name) =>
    name === "gates" || name === "approval"
      ? { name, state: "RUNNING", startedAt: now, endedAt: null, message: null }
      : { name, state: "PENDING", startedAt: null, endedAt: null, message: null },
  );
}

/** The steps of a promotion forward that come before its release is rolled out. */
export const BEFORE_ROLLOUT: ReadonlySet<StepName> = new Set<StepName>([
  "gates",
  "approval",
  "backup",
  "migrate",
]);

/** The steps that come before anything is done. */
export const WAITING_STEPS: readonly StepName[] = ["gates", "approval"];

/** The promotion once every gate is open: it runs, and its waiting steps are done. */
export function passGates(promotion: Promotion, now: Instant): Promotion {
  const steps = promotion.steps.map((step) =>
    WAITING_STEPS.includes(step.name)
      ? {
          name: step.name,
          state: "SUCCEEDED" as const,
          startedAt: step.startedAt,
          endedAt: now,
          message: null,
        }
      : step,
  );
  return { ...promotion, state: "RUNNING", steps };
}
