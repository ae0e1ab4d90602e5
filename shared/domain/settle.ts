import { fact } from "./audit-record.ts";
import { perform, putPromotion, record } from "./change.ts";
import type { Change } from "./change.ts";
import { endPromotion } from "./end.ts";
import { blocking, judgeGates } from "./gates/judge.ts";
import type { GateReport } from "./gates/verdict.ts";
import { isExpired } from "./hold.ts";
import { withStep } from "./promotion.ts";
import type { Promotion } from "./promotion.ts";
import { startRollout } from "./start-rollout.ts";
import { environmentState, releaseOf } from "./state.ts";
import type { Environment } from "./service.ts";
import { after, minutes } from "./time.ts";

/** How long a rollout that was told to stop may take before it is told again. */
export const STOP_MAX = minutes(60);

/**
 * Brings every environment to rest after an event: holds that have ended go, waits that lasted too
 * long are given up, gates are judged anew, and the first promotion in line whose gates are open starts.
 */
export function settle(change: Change): Change {
  let next = dropExpiredHolds(change);
  for (const environment of next.state.service.environments) {
    next = settleEnvironment(next, environment);
  }
  return next;
}

function dropExpiredHolds(change: Change): Change {
  const expired = change.state.holds.filter((hold) => isExpired(hold, change.now));
  if (expired.length === 0) {
    return change;
  }
  const holds = change.state.holds.filter((hold) => !isExpired(hold, change.now));
  const facts = expired.map((hold) =>
    fact("hold.expired", "slipway", {
      environment: hold.scope.kind === "environment" ? hold.scope.environment : null,
      reason: hold.reason,
      details: { hold: hold.id, placedBy: hold.by },
    }),
  );
  return record({ ...change, state: { ...change.state, holds } }, ...facts);
}

function settleEnvironment(change: Change, environment: Environment): Change {
  let next = giveUpOverdue(change, environment);
  for (const waiting of environmentState(next.state, environment.id).waiting) {
    next = judgeOne(next, environment, waiting);
  }
  return next;
}

function giveUpOverdue(change: Change, environment: Environment): Change {
  const { active, waiting } = environmentState(change.state, environment.id);
  const open = active === null ? waiting : [active, ...waiting];
  let next = change;
  for (const promotion of open) {
    if (promotion.deadline !== null && promotion.deadline <= change.now) {
      next = giveUp(next, environment, promotion);
    }
  }
  return next;
}

function giveUp(change: Change, environment: Environment, promotion: Promotion): Change {
  if (promotion.state === "WAITING") {
    const message = "waited too long for its gates to open; promote again when they are";
    return endPromotion(change, promotion, { state: "CANCELLED", message, by: "slipway" });
  }
  return stopOverdue(change, environment, promotion);
}

/**
 * A rollout that takes too long is cancelled. Its promotion stays the active one until Cloud Deploy says
 * that it has stopped, for a second rollout must not meet it in the target; each hour it is told again.
 */
function stopOverdue(change: Change, environment: Environment, promotion: Promotion): Change {
  const message = "did not finish in time and is being cancelled; see it in Cloud Deploy";
  const told = withStep(promotion, "rollout", { message });
  const stopping = { ...told, deadline: after(change.now, STOP_MAX) };
  return perform(putPromotion(change, stopping), {
    kind: "cancel-rollout",
    promotion: promotion.id,
    pipeline: environment.pipeline,
    key: { rollout: promotion.id, release: promotion.release },
  });
}

function judgeOne(change: Change, environment: Environment, waiting: Promotion): Change {
  const release = releaseOf(change.state, waiting.release);
  const { state, now } = change;
  const context = { state, environment, release, kind: waiting.kind, now };
  const gates = judgeGates(context, waiting.gates);
  const promotion = { ...waiting, gates };
  if (blocking(gates, promotion.breakGlass !== null).length === 0) {
    return start(change, environment, promotion);
  }
  return isSameVerdict(gates, waiting.gates) && hasWaitMessage(waiting)
    ? change
    : keepWaiting(change, promotion);
}

function start(change: Change, environment: Environment, promotion: Promotion): Change {
  const opened = withStep(promotion, "gates", {
    state: "SUCCEEDED",
    endedAt: change.now,
    message: null,
  });
  const about = {
    environment: promotion.environment,
    release: promotion.release,
    promotion: promotion.id,
    verdicts: promotion.gates,
  };
  const broken = blocking(promotion.gates, false);
  const glass =
    promotion.breakGlass === null || broken.length === 0
      ? []
      : [
          fact("gates.broken", promotion.breakGlass.by, {
            ...about,
            reason: promotion.breakGlass.reason,
            details: { gates: broken.map((report) => report.gate).join(" ") },
          }),
        ];
  const started = fact("promotion.started", promotion.requestedBy, {
    ...about,
    reason: promotion.reason,
  });
  return startRollout(record(change, ...glass, started), environment, opened);
}

function keepWaiting(change: Change, promotion: Promotion): Change {
  const message = waitMessage(promotion.gates);
  const told = withStep(promotion, "gates", { message });
  return record(
    putPromotion(change, told),
    fact("promotion.waiting", "slipway", {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: message,
      verdicts: promotion.gates,
    }),
  );
}

function waitMessage(gates: readonly GateReport[]): string {
  return gates
    .flatMap(({ gate, verdict }) =>
      verdict.kind === "CLOSED" ? [`${gate}: ${verdict.reason}`] : [],
    )
    .join("; ");
}

function hasWaitMessage(promotion: Promotion): boolean {
  return promotion.steps.some((step) => step.name === "gates" && step.message !== null);
}

function isSameVerdict(gates: readonly GateReport[], before: readonly GateReport[]): boolean {
  return waitMessage(gates) === waitMessage(before);
}
