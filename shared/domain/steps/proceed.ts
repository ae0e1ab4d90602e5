import type { Change } from "../change/change.ts";
import type { PromotionId } from "../ids.ts";
import type { Promotion, Step, StepName } from "../promotion.ts";
import { beginApproval } from "./approval.ts";
import { beginBackup } from "./backup.ts";
import { complete } from "./complete.ts";
import { beginContract, beginMigrate } from "./migrate.ts";
import { beginRestore } from "./restore.ts";
import { skipDone } from "./retry.ts";
import { beginRollout } from "./rollout.ts";
import { runOf } from "./run.ts";
import type { Run } from "./run.ts";
import { beginBake, beginVerify } from "./verify.ts";

/** How each step begins. `gates` has no beginning here, because a promotion runs only once they are open. */
const BEGIN: Readonly<Record<StepName, (change: Change, run: Run) => Change>> = {
  gates: (change) => change,
  approval: beginApproval,
  backup: beginBackup,
  migrate: beginMigrate,
  restore: beginRestore,
  rollout: beginRollout,
  verify: beginVerify,
  bake: beginBake,
  contract: beginContract,
};

/**
 * Takes a running promotion as far as it goes now: begins step after step until one has to wait for something, and
 * completes the promotion after the last step.
 */
export function proceed(change: Change, id: PromotionId): Change {
  let next = change;
  for (let run = runOf(next, id); run !== null; run = runOf(next, id)) {
    const step = nextStep(run.promotion);
    if (step?.state === "RUNNING") {
      return next;
    }
    const before = next;
    next = step === null ? complete(next, run) : begin(next, run, step.name);
    if (next === before || isHeldBack(next, id, step)) {
      return next;
    }
  }
  return next;
}

/** Begins a step, or, in a retry, skips it because it was done before. */
function begin(change: Change, run: Run, name: StepName): Change {
  const skipped = skipDone(change, run, name);
  return skipped === change ? BEGIN[name](change, run) : skipped;
}

function nextStep({ steps }: Promotion): Step | null {
  return steps.find(({ state }) => state === "PENDING" || state === "RUNNING") ?? null;
}

/** Whether the step may not begin yet: it is still pending after an attempt to begin it. */
function isHeldBack(change: Change, id: PromotionId, step: Step | null): boolean {
  const run = runOf(change, id);
  const now = run === null ? null : nextStep(run.promotion);
  return step !== null && now?.name === step.name && now.state === "PENDING";
}
