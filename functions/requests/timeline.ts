import { instant, minutes } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { permit } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { RequestError } from "./errors.ts";

/** How far back is looked where nobody says from when: "what changed in the last hour". */
export const LAST_HOUR = minutes(60);

/**
 * The span of time over which it is asked what changed anywhere. It is of no single service, so it takes the right to
 * read all.
 * @throws RequestError
 */
export async function spanAsked(
  context: RequestContext,
  asked: { readonly from?: Instant | undefined; readonly to?: Instant | undefined },
): Promise<{ readonly from: Instant; readonly to: Instant }> {
  await permit(context, { right: "read-all" });
  const to = asked.to ?? context.get("wiring").ports.clock.now();
  const from = asked.from ?? instant(to - LAST_HOUR);
  if (from > to) {
    throw new RequestError("INVALID_ARGUMENT", "from must not be after to");
  }
  return { from, to };
}
