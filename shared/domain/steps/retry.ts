import { putPromotion } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { EnvironmentId, PromotionId } from "../ids.ts";
import { stepOf, withStep } from "../promotion.ts";
import type { DoneStep, StepName } from "../promotion.ts";
import { environmentState } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { after, days } from "../time.ts";
import type { Run } from "./run.ts";

/** For how long the approvals and the steps of a promotion hold for its retry. */
export const RETRY_HOLDS = days(1);

/** Skips a step that was done before and still holds; returns the same change if the step has to be done. */
export function skipDone(change: Change, run: Run, name: StepName): Change {
  const done = run.promotion.retry?.done.find((step) => step.name === name);
  if (done === undefined || !holds(change, run, done)) {
    return change;
  }
  const message = `was done by promotion ${done.by}`;
  const skipped = { state: "SKIPPED" as const, endedAt: change.now, message };
  return putPromotion(change, withStep(run.promotion, name, skipped));
}

/** Whether a promotion's deployment is still what is recorded and what runs. */
export function isStillThere(
  state: ServiceState,
  environment: EnvironmentId,
  promotion: PromotionId,
): boolean {
  const { current, drift } = environmentState(state, environment);
  return current?.promotion === promotion && drift === null;
}

function holds(change: Change, run: Run, done: DoneStep): boolean {
  const { environment, promotion } = run;
  const isRecent = change.now < after(done.at, RETRY_HOLDS);
  switch (done.name) {
    case "migrate":
      return isRecent && isSameJob(run, done) && isDataAsLeft(change, run, done);
    case "rollout":
      return isStillThere(change.state, environment.id, done.by);
    case "verify":
    case "bake":
      return isRecent && stepOf(promotion, "rollout")?.state === "SKIPPED";
    case "gates":
    case "approval":
    case "backup":
    case "restore":
    case "contract":
      return false;
  }
}

/** Whether the step ran the job that the policy names now. Its message is the execution's name, which has the job. */
function isSameJob({ environment }: Run, { message }: DoneStep): boolean {
  const job = environment.policy.migrations.before?.job ?? "";
  return message?.includes(`/jobs/${job}/`) === true;
}

/** Whether the data is as the migration left it: no data was restored since, and no other promotion deployed. */
function isDataAsLeft(change: Change, { environment, promotion }: Run, done: DoneStep): boolean {
  const { current, restoredAt } = environmentState(change.state, environment.id);
  const own = promotion.retry?.done.find(({ name }) => name === "rollout")?.by;
  const isOthers = current !== null && current.since > done.at && current.promotion !== own;
  return !isOthers && (restoredAt === null || restoredAt < done.at);
}
