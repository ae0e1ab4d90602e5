import { fact } from "../audit-record.ts";
import type { BadMark } from "../image.ts";
import { stepMessage } from "../promotion.ts";
import type { Release } from "../release.ts";
import { openPromotions, releaseOf } from "../state.ts";
import { putImage, record } from "./change.ts";
import type { Change } from "./change.ts";
import { endPromotion } from "./end.ts";

/**
 * Marks a release's image bad, and with it every release of the image, even under later revisions of the specification.
 * None of them goes anywhere by itself any more, and automatic promotions that wait with one are cancelled.
 */
export function markBad(change: Change, release: Release, bad: BadMark): Change {
  const { image } = releaseOf(change.state, release.id);
  if (!isStronger(bad, image.bad)) {
    return change;
  }
  let next = record(
    putImage(change, { ...image, bad: { ...bad, reason: stepMessage(bad.reason) } }),
    fact("release.marked-bad", bad.by, {
      release: release.id,
      reason: bad.reason,
      details: { digest: image.digest },
    }),
  );
  for (const promotion of openPromotions(next.state)) {
    if (
      releaseOf(next.state, promotion.release).digest === image.digest &&
      promotion.state === "WAITING" &&
      promotion.kind === "automatic"
    ) {
      const message = `the image of release ${promotion.release} was marked bad: ${bad.reason}`;
      next = endPromotion(next, promotion, { state: "CANCELLED", message, by: bad.by });
    }
  }
  return next;
}

/**
 * Whether a second mark says something new. It does if only the second is on-call's, which fewer people may take
 * away.
 */
function isStronger(bad: BadMark, standing: BadMark | null): boolean {
  return standing === null || (bad.asOncall && !standing.asOncall);
}
