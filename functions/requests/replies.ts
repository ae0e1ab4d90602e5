import type { Handled } from "../../shared/app/store-events.ts";
import { preview } from "../../shared/app/preview.ts";
import type { Reply } from "../../shared/domain/change/change.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import type { PromotionId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import { findPromotion } from "../../shared/domain/state.ts";
import type { ServiceState } from "../../shared/domain/state.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import type { RequestContext } from "./context.ts";
import { RequestError, toRequestError } from "./errors.ts";

/** The promotion that a request was answered with. @throws RequestError when it was refused instead. */
export async function promotionOf(
  context: RequestContext,
  { reply, seen }: Handled,
): Promise<Promotion> {
  const id = idOf(reply);
  const open = seen === null ? null : findPromotion(seen.state, id);
  const promotion = open ?? (await context.get("wiring").ports.store.promotion(id));
  if (promotion === null) {
    throw new RequestError("INTERNAL", "a request for a promotion is answered with one");
  }
  return promotion;
}

/** A promotion, and the state in which it stands. */
export type Standing = { readonly promotion: Promotion; readonly state: ServiceState };

/** The promotion that events would lead to; nothing is stored. @throws RequestError when it would be refused. */
export async function previewPromotion(
  context: RequestContext,
  seen: SeenService,
  events: readonly ServiceEvent[],
): Promise<Standing> {
  const { reply, state } = await preview(context.get("wiring").ports, seen, events);
  const promotion = findPromotion(state, idOf(reply));
  if (promotion === null) {
    throw new RequestError("INTERNAL", "a request for a promotion is answered with one");
  }
  return { promotion, state };
}

function idOf(reply: Reply): PromotionId {
  if (reply.kind === "refused") {
    throw toRequestError(reply.refusal);
  }
  if (reply.kind !== "promotion") {
    throw new RequestError("INTERNAL", "a request for a promotion is answered with one");
  }
  return reply.promotion;
}
