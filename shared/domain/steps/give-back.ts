import { fact } from "../audit-record.ts";
import { record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { endPromotion } from "../change/end.ts";
import { markBad } from "../change/mark-bad.ts";
import { isAt } from "../promotion.ts";
import { requestPromotion } from "../change/request.ts";
import { goBackTo, isBehindFloor } from "../rollback.ts";
import { environmentState, releaseOf } from "../state.ts";
import type { Deployment } from "../state.ts";
import { stopRollout } from "./steer.ts";
import type { Run } from "./run.ts";

/** Where Slipway may roll back to by itself: never behind the floor, because that needs a person and the data. */
function wayBack(change: Change, { environment }: Run): Deployment | null {
  const { floor } = environmentState(change.state, environment.id);
  const target = goBackTo(change.state, environment);
  const isBehind = target !== null && isBehindFloor(floor, releaseOf(change.state, target.release));
  return isBehind ? null : target;
}

/**
 * A release did not prove itself. Where the policy says so, the release is marked bad and the release before takes its
 * place again. A rollback that does not prove itself either is left to a person.
 */
export function giveBack(change: Change, run: Run, why: string): Change {
  const { promotion, environment, release } = run;
  if (isAt(promotion, "rollout")) {
    const marked = markBad(change, release, {
      by: "slipway",
      reason: why,
      at: change.now,
      asOncall: false,
    });
    return stopRollout(marked, run, `the release did not prove itself: ${why}`);
  }
  const { drift } = environmentState(change.state, environment.id);
  if (drift !== null) {
    const message = `the release cannot prove itself, because ${drift.running} runs in ${environment.id} now: ${why}`;
    return endPromotion(change, promotion, { state: "FAILED", message, by: "slipway" });
  }
  const target = wayBack(change, run);
  const isLast = promotion.kind === "rollback" || target === null;
  if (isLast || environment.policy.verify?.onFailure !== "rollback") {
    const message = `the release did not prove itself: ${why}${isLast ? "; Slipway has no release to roll back to, so promote one that works" : ""}`;
    return endPromotion(change, promotion, { state: "FAILED", message, by: "slipway" });
  }
  const message = `rolled back, because the release did not prove itself: ${why}`;
  const over = endPromotion(change, promotion, { state: "ROLLED_BACK", message, by: "slipway" });
  const marked = markBad(over, release, {
    by: "slipway",
    reason: why,
    at: change.now,
    asOncall: false,
  });
  const told = record(
    marked,
    fact("promotion.rolled-back", "slipway", {
      environment: environment.id,
      release: release.id,
      promotion: promotion.id,
      reason: why,
      details: { to: target.release },
    }),
  );
  return requestPromotion(told, {
    environment,
    release: releaseOf(told.state, target.release),
    kind: "rollback",
    by: "slipway",
    reason: why,
    breakGlass: null,
    wait: true,
    restores: [],
  });
}
