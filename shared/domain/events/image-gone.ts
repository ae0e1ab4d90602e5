import type { Change } from "../change/change.ts";
import { endPromotion } from "../change/end.ts";
import type { ReleaseId } from "../ids.ts";
import { openPromotions } from "../state.ts";

/** A release's image has gone from the registry: promotions that wait with the release end. */
export function onImageGone(change: Change, release: ReleaseId): Change {
  const waiting = openPromotions(change.state).filter(
    (promotion) =>
      promotion.release === release &&
      promotion.state === "WAITING" &&
      promotion.kind !== "restore",
  );
  const message = "the image is gone from the registry; push it again, then promote again";
  return waiting.reduce(
    (next, promotion) => endPromotion(next, promotion, { state: "FAILED", message, by: "slipway" }),
    change,
  );
}
