import { putPromotion } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { blocking, judgeGates } from "../gates/judge.ts";
import { stepOf, withStep } from "../promotion.ts";
import { after } from "../time.ts";
import { beginStep, finishStep, STEP_MAX } from "./run.ts";
import type { Run } from "./run.ts";

/**
 * The step `approval` of a promotion that runs already: the specification began to ask for approvals meanwhile. The
 * promotion stands still until enough people have approved.
 */
export function beginApproval(change: Change, run: Run): Change {
  const { promotion, environment, release } = run;
  const { state, now } = change;
  const gates = judgeGates({ state, environment, release, promotion, now }, promotion.gates);
  const missing = blocking(gates, promotion.breakGlass).find(({ gate }) => gate === "approval");
  if (missing?.verdict.kind !== "CLOSED") {
    const begun = beginStep(change, promotion, "approval");
    const running = withStep(promotion, "approval", { startedAt: now });
    return finishStep(begun, running, { name: "approval", message: null });
  }
  const told = stepOf(promotion, "approval")?.message ?? null;
  const message = `waits: ${missing.verdict.reason}`;
  const deadline = told === null ? after(now, STEP_MAX.approval) : promotion.deadline;
  return told === message
    ? change
    : putPromotion(change, { ...withStep(promotion, "approval", { message }), gates, deadline });
}
