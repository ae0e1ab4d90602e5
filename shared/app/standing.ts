import { isClosed } from "../domain/gates/verdict.ts";
import { openPromotions } from "../domain/state.ts";
import { between, duration } from "../domain/time.ts";
import type { Instant } from "../domain/time.ts";
import type { Standing } from "../ports/telemetry.ts";
import type { SeenService } from "../ports/store.ts";

/** Nothing waits, and nothing is due. */
export const NOTHING_STANDS: Standing = { waiting: {}, outboxAge: duration(0) };

/** What stands, with one service more. */
export function withService(
  { waiting, outboxAge }: Standing,
  { state, outbox }: Pick<SeenService, "state" | "outbox">,
  now: Instant,
): Standing {
  const counts = { ...waiting };
  for (const promotion of openPromotions(state)) {
    const closed = promotion.state === "WAITING" ? promotion.gates.find(isClosed) : undefined;
    if (closed !== undefined) {
      counts[closed.gate] = (counts[closed.gate] ?? 0) + 1;
    }
  }
  const ages = outbox.map(({ notBefore }) => between(notBefore, now));
  return { waiting: counts, outboxAge: duration(Math.max(outboxAge, ...ages)) };
}
