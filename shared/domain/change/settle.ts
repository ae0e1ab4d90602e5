import { fact } from "../audit-record.ts";
import { perform, putPromotion, record } from "./change.ts";
import type { Change } from "./change.ts";
import { endPromotion } from "./end.ts";
import { blocksOnIncidents, isFresh } from "../gates/incident.ts";
import { tellBroken } from "../gates/broken.ts";
import { blocking, closedText, judgeGates } from "../gates/judge.ts";
import { isClosed } from "../gates/verdict.ts";
import { isExpired } from "../hold.ts";
import { isAt, isForward, stepOf, withStep } from "../promotion.ts";
import type { Promotion } from "../promotion.ts";
import { isTrusting, verdictBy } from "../provenance.ts";
import type { Environment } from "../service.ts";
import { environmentState, findPromotion, releaseOf } from "../state.ts";
import { backUpEarly } from "../steps/backup.ts";
import { passGates } from "../steps/plan.ts";
import { proceed } from "../steps/proceed.ts";
import { tellToStop } from "../steps/steer.ts";
import { runOf, STEP_MAX } from "../steps/run.ts";
import type { Run } from "../steps/run.ts";
import { watchBake } from "../steps/verify.ts";
import { after, minutes } from "../time.ts";
import type { Instant } from "../time.ts";

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
  // Go on first: if a step that is overdue is done by now, the next step begins with its own time.
  const before = giveUpOverdue(goOn(change, environment), environment);
  const judged = judgeWaiting(before, environment);
  const hasStarted =
    activeIn(before, environment) === null && activeIn(judged, environment) !== null;
  // Those ahead in line were judged before it started: it keeps them waiting now.
  return hasStarted ? judgeWaiting(judged, environment) : judged;
}

function judgeWaiting(change: Change, environment: Environment): Change {
  let next = change;
  for (const waiting of environmentState(change.state, environment.id).waiting) {
    next = judgeOne(next, environment, waiting);
  }
  return next;
}

function activeIn({ state }: Change, { id }: Environment): Promotion | null {
  return environmentState(state, id).active;
}

/** Goes on with the steps of the active promotion, and watches a release that bakes. */
function goOn(change: Change, environment: Environment): Change {
  const { active } = environmentState(change.state, environment.id);
  const run = active === null ? null : runOf(change, active.id);
  if (active === null || run === null) {
    return change;
  }
  return lookAtIncidents(proceed(watchBake(change, run), active.id), environment);
}

function giveUpOverdue(change: Change, environment: Environment): Change {
  const { active, waiting } = environmentState(change.state, environment.id);
  const open = active === null ? waiting : [active, ...waiting];
  let next = change;
  for (const promotion of open) {
    if (promotion.deadline !== null && promotion.deadline <= change.now) {
      next = giveUp(next, promotion);
    }
  }
  return next;
}

function giveUp(change: Change, promotion: Promotion): Change {
  if (promotion.state === "WAITING") {
    const message = "its gates did not open in time; promote again when they are open";
    return endPromotion(change, promotion, { state: "CANCELLED", message, by: "slipway" });
  }
  const run = runOf(change, promotion.id);
  if (run !== null && isAt(promotion, "rollout")) {
    return stopOverdue(change, run);
  }
  if (run !== null && isAt(promotion, "verify")) {
    return askOnceMore(change, run);
  }
  const step = promotion.steps.find(({ state }) => state === "RUNNING" || state === "PENDING");
  const message = `the step ${step?.name ?? "gates"} did not finish in time; look at what it waits for, then promote again`;
  return endPromotion(change, promotion, { state: "FAILED", message, by: "slipway" });
}

/**
 * Probes the release once more instead of rolling it back. The step may be overdue only because Slipway was away, so
 * the next answer decides.
 */
function askOnceMore(change: Change, { promotion, environment }: Run): Change {
  const deadline = after(change.now, STEP_MAX.verify);
  return perform(putPromotion(change, { ...promotion, deadline }), {
    kind: "probe",
    times: 1,
    promotion: promotion.id,
    environment,
  });
}

/**
 * A rollout that takes too long is cancelled. Its promotion stays the active one until Cloud Deploy says
 * that it has stopped, so that a second rollout does not meet it in the target. It is told again each hour.
 */
function stopOverdue(change: Change, run: Run): Change {
  const stopped = tellToStop(
    change,
    run,
    "it did not finish in time, so Slipway cancels it; see it in Cloud Deploy",
  );
  const promotion = findPromotion(stopped.state, run.promotion.id) ?? run.promotion;
  return putPromotion(stopped, { ...promotion, deadline: after(change.now, STOP_MAX) });
}

function judgeOne(change: Change, environment: Environment, waiting: Promotion): Change {
  const release = releaseOf(change.state, waiting.release);
  const { state, now } = change;
  const gates = judgeGates({ state, environment, release, promotion: waiting, now }, waiting.gates);
  const promotion = { ...waiting, gates };
  if (blocking(gates, promotion.breakGlass).length === 0) {
    return start(change, promotion);
  }
  const run = { promotion, environment, release };
  const looking = lookAtProvenance(lookAtIncidents(change, environment, promotion), run);
  const isTold = closedText(gates) === closedText(waiting.gates) && hasWaitMessage(waiting);
  // A promotion that was requested just now waits only for a look that comes next: not worth a record yet.
  const isLookedAt = waiting.createdAt === now && looking !== change;
  const kept = isLookedAt ? putWaiting(looking, promotion) : keepWaiting(looking, promotion);
  return backUpAhead(isTold ? looking : kept, run);
}

/** Begins the backups of a promotion that waits, if its gates may open soon. */
function backUpAhead(change: Change, run: Run): Change {
  const { promotion, environment, release } = run;
  const closed = promotion.gates.filter(isClosed);
  const opens = closed.map(({ verdict }) => (verdict.kind === "CLOSED" ? verdict.opensAt : null));
  const isNear = closed.every(
    ({ gate }, index) => gate === "approval" || isSoon(opens[index] ?? null, change.now),
  );
  return isNear
    ? backUpEarly(change, { promotion: currentOf(change, promotion), environment, release })
    : change;
}

/** How long before a gate opens by itself the backups are begun. */
const BACKUP_LEAD = minutes(15);

function isSoon(opensAt: Instant | null, now: Instant): boolean {
  return opensAt !== null && opensAt <= after(now, BACKUP_LEAD);
}

function currentOf(change: Change, promotion: Promotion): Promotion {
  return findPromotion(change.state, promotion.id) ?? promotion;
}

/** Has the incidents read if a promotion depends on them and the last reading is too old to rely on. */
function lookAtIncidents(change: Change, environment: Environment, waiting?: Promotion): Change {
  const { incidents, active } = environmentState(change.state, environment.id);
  const promotion = waiting ?? active;
  const isWatched = promotion !== null && isForward(promotion.kind);
  const isStale = incidents.kind !== "unreadable" && !isFresh(incidents, change.now);
  return isWatched && isStale && blocksOnIncidents(environment.policy)
    ? perform(change, {
        kind: "read-incidents",
        promotion: promotion.id,
        environment: environment.id,
        project: environment.project,
      })
    : change;
}

function lookAtProvenance(change: Change, { promotion, environment, release }: Run): Change {
  const { required, trust } = environment.policy.provenance;
  const isAsked =
    required && isTrusting(trust) && verdictBy(release.image.provenance, trust) === null;
  return isAsked
    ? perform(change, {
        kind: "read-provenance",
        promotion: promotion.id,
        release: release.id,
        repository: release.repository,
        digest: release.digest,
        trust,
      })
    : change;
}

function start(change: Change, promotion: Promotion): Change {
  const about = {
    environment: promotion.environment,
    release: promotion.release,
    promotion: promotion.id,
    verdicts: promotion.gates,
  };
  const started = fact("promotion.started", promotion.requestedBy, {
    ...about,
    reason: promotion.reason,
  });
  const running = putPromotion(change, passGates(promotion, change.now));
  return proceed(record(running, ...tellBroken(promotion, promotion.gates), started), promotion.id);
}

function keepWaiting(change: Change, promotion: Promotion): Change {
  return record(
    putWaiting(change, promotion),
    fact("promotion.waiting", "slipway", {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: closedText(promotion.gates),
      verdicts: promotion.gates,
    }),
  );
}

/** The promotion with a message that says what it waits for. */
function putWaiting(change: Change, promotion: Promotion): Change {
  return putPromotion(
    change,
    withStep(promotion, "gates", { message: closedText(promotion.gates) }),
  );
}

function hasWaitMessage(promotion: Promotion): boolean {
  return stepOf(promotion, "gates")?.message !== null;
}
