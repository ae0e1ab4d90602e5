import type { z } from "zod";
import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import { lookForImage } from "../../shared/app/gone-image.ts";
import { lookIfThere } from "../../shared/app/look-there.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import type { ApproveBody, ReasonBody } from "../../shared/wire/api/bodies.ts";
import { actorOf, environmentNamed, promotionNamed } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { needTo, permitAll } from "./needs.ts";
import type { Need, Place } from "./needs.ts";
import { previewPromotion, promotionOf } from "./replies.ts";

/** Approves a promotion for what was shown, if the caller may. @throws RequestError */
export async function approveNamed(
  context: RequestContext,
  name: string,
  words: ApproveWords,
): Promise<Promotion> {
  const about = await permitted(context, name, needTo.approve);
  return decide(context, about, toApproval(context, about.promotion, words));
}

/** What would be approved, if the caller may and it would be taken; nothing is decided. @throws RequestError */
export async function tryApproval(context: RequestContext, name: string): Promise<About> {
  const about = await permitted(context, name, needTo.approve);
  await previewPromotion(context, about.seen, [toApproval(context, about.promotion, {})]);
  return about;
}

function toApproval(
  context: RequestContext,
  { id }: Promotion,
  { comment = null, shown }: ApproveWords,
): ServiceEvent {
  return {
    kind: "approval-given",
    promotion: id,
    by: actorOf(context),
    comment,
    ...(shown !== undefined && { shown }),
  };
}

type ApproveWords = {
  readonly comment?: z.output<typeof ApproveBody>["comment"] | null;
  readonly shown?: z.output<typeof ApproveBody>["shown"];
};

/** Rejects a promotion that waits, if the caller may. @throws RequestError */
export async function rejectNamed(
  context: RequestContext,
  name: string,
  { reason }: z.output<typeof ReasonBody>,
): Promise<Promotion> {
  const about = await permitted(context, name, needTo.approve);
  const { id } = about.promotion;
  const by = actorOf(context);
  return decide(context, about, { kind: "rejection-given", promotion: id, by, reason });
}

/** Requests a promotion again that failed or was cancelled, if the caller may. @throws RequestError */
export async function retryNamed(context: RequestContext, name: string): Promise<Promotion> {
  const about = await permitted(context, name, needTo.retry);
  const { promotion } = about;
  return decide(context, about, { kind: "retry-requested", promotion, by: actorOf(context) });
}

type About = {
  readonly promotion: Promotion;
  readonly seen: SeenService;
  readonly environment: Environment;
};

/** The promotion and its service, if the caller has the right where it goes. @throws RequestError */
async function permitted(
  context: RequestContext,
  id: string,
  need: (place: Place) => Need,
): Promise<About> {
  const { promotion, seen } = await promotionNamed(context, id);
  const { service } = seen.state;
  const environment = environmentNamed(service, promotion.environment);
  await permitAll(context, need({ service, environment }));
  return { promotion, seen, environment };
}

async function decide(
  context: RequestContext,
  { promotion, seen, environment }: About,
  event: ServiceEvent,
): Promise<Promotion> {
  const { ports } = context.get("wiring");
  // An approval is not spent on an image that has gone.
  const gone =
    event.kind === "approval-given" ? await lookForImage(ports, seen.state, promotion) : [];
  if (event.kind === "retry-requested") {
    const { release } = event.promotion;
    await lookIfThere(ports, seen.state, { environment, release });
  }
  const handled = await decideOnlySeen(ports, seen, [...gone, event]);
  return promotionOf(context, handled);
}
