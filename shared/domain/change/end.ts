import { fact } from "../audit-record.ts";
import type { FactKind } from "../audit-record.ts";
import { putPromotion, record } from "./change.ts";
import type { Change } from "./change.ts";
import { ended } from "../promotion.ts";
import type { Promotion } from "../promotion.ts";
import type { Actor } from "../release.ts";

/** The ends without success. */
type EndState = "FAILED" | "CANCELLED" | "REJECTED" | "ROLLED_BACK";

/** The kind of record for each of them. */
const FACTS: Readonly<Record<EndState, FactKind>> = {
  FAILED: "promotion.failed",
  CANCELLED: "promotion.cancelled",
  REJECTED: "promotion.rejected",
  ROLLED_BACK: "promotion.failed",
};

/** Ends a promotion without success, and records who ended it and why. */
export function endPromotion(
  change: Change,
  promotion: Promotion,
  end: { readonly state: EndState; readonly message: string; readonly by: Actor },
): Change {
  const over = ended(promotion, { state: end.state, message: end.message, at: change.now });
  return record(
    putPromotion(change, over),
    fact(FACTS[end.state], end.by, {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: end.message,
      verdicts: promotion.gates,
    }),
  );
}
