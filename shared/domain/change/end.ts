import { entryOf } from "../entry-of.ts";
import { fact } from "../audit-record.ts";
import type { FactKind } from "../audit-record.ts";
import { putPromotion, record } from "./change.ts";
import type { Change } from "./change.ts";
import { noteFailure } from "./failure.ts";
import { ended, isAt } from "../promotion.ts";
import type { Promotion } from "../promotion.ts";
import type { Actor } from "../release.ts";
import { findEnvironment } from "../state.ts";
import { raiseFloor } from "../steps/floor.ts";

/** The ends without success. */
type EndState = "FAILED" | "CANCELLED" | "REJECTED" | "ROLLED_BACK";

/** The kind of record for each end. */
const FACTS: Readonly<Record<EndState, FactKind>> = {
  FAILED: "promotion.failed",
  CANCELLED: "promotion.cancelled",
  REJECTED: "promotion.rejected",
  ROLLED_BACK: "promotion.failed",
};

/** Raises the floor for a migration that was begun and cannot be undone: it may have changed some of the data. */
function assumeMigrated(change: Change, promotion: Promotion): Change {
  const { service, releases } = change.state;
  const environment = findEnvironment(service, promotion.environment);
  const release = entryOf(releases, promotion.release);
  const isBegun = isAt(promotion, "contract") && promotion.execution !== null;
  const isFinal = environment?.policy.migrations.after?.reversible === false;
  return isBegun && isFinal && environment !== null && release !== undefined
    ? raiseFloor(change, { environment, release, promotion: promotion.id })
    : change;
}

/** The name of the step that is under way when a promotion ends. */
function stepAtEnd({ steps }: Promotion): string {
  return steps.findLast(({ state }) => state === "RUNNING")?.name ?? "gates";
}

/** Ends a promotion without success, and records who ended it and why. */
export function endPromotion(
  change: Change,
  promotion: Promotion,
  end: { readonly state: EndState; readonly message: string; readonly by: Actor },
): Change {
  const over = ended(promotion, { state: end.state, message: end.message, at: change.now });
  const put = putPromotion(assumeMigrated(change, promotion), over);
  return record(
    end.state === "FAILED" || end.state === "ROLLED_BACK"
      ? noteFailure(put, promotion, end.message)
      : put,
    fact(FACTS[end.state], end.by, {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: end.message,
      verdicts: promotion.gates,
      details: { step: stepAtEnd(promotion) },
    }),
  );
}
