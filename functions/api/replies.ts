import { preview } from "../../shared/app/preview.ts";
import type { Reply } from "../../shared/domain/change.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { asReleaseId } from "../../shared/domain/ids.ts";
import type { PromotionId, ReleaseId, ServiceId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { findPromotion } from "../../shared/domain/state.ts";
import { isResourceId, promotionNamed } from "./context.ts";
import type { ApiContext } from "./context.ts";
import { ApiError, toApiError } from "./errors.ts";

/** The promotion that a request was answered with. @throws ApiError when it was refused instead. */
export async function promotionOf(context: ApiContext, reply: Reply): Promise<Promotion> {
  return promotionNamed(context, idOf(reply));
}

/** The promotion that an event would lead to; nothing is stored. @throws ApiError when it would be refused. */
export async function previewPromotion(
  context: ApiContext,
  service: ServiceId,
  event: ServiceEvent,
): Promise<Promotion> {
  const decision = await preview(context.get("wiring").ports, service, event);
  const promotion = decision === null ? null : findPromotion(decision.next, idOf(decision.reply));
  if (promotion === null) {
    throw new ApiError("INTERNAL", "a request for a promotion is answered with one");
  }
  return promotion;
}

/** A release id from outside, or null when none was given. @throws ApiError when it can be none. */
export function toReleaseId(text: string | undefined): ReleaseId | null {
  if (text === undefined) {
    return null;
  }
  if (!isResourceId(text)) {
    throw new ApiError("NOT_FOUND", `there is no release ${text}`);
  }
  return asReleaseId(text);
}

function idOf(reply: Reply): PromotionId {
  if (reply.kind === "refused") {
    throw toApiError(reply.refusal);
  }
  if (reply.kind !== "promotion") {
    throw new ApiError("INTERNAL", "a request for a promotion is answered with one");
  }
  return reply.promotion;
}
