import type { z } from "zod";
import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import { lookIfStale, lookIfThere } from "../../shared/app/look-there.ts";
import { taggedRelease } from "../../shared/app/manual-tag.ts";
import type { TaggedRelease } from "../../shared/app/manual-tag.ts";
import { isImpatient } from "../../shared/domain/change/impatient.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { closedText } from "../../shared/domain/gates/judge.ts";
import { BREAKABLE, isClosed } from "../../shared/domain/gates/verdict.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import type { CancelBody, PromoteBody } from "../../shared/wire/api/bodies.ts";
import type { PromotionPreview } from "../../shared/wire/api/changes.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { changesView } from "./changes.ts";
import { actorOf, environmentNamed, promotionNamed } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { toRequestError } from "./errors.ts";
import { needTo, permitAll } from "./needs.ts";
import { releaseIdNamed, toPromote } from "./named-releases.ts";
import { previewPromotion, promotionOf } from "./replies.ts";
import type { Standing } from "./replies.ts";

/** A promotion as it would be, and what would go there with it. @throws RequestError */
export async function previewPromote(
  context: RequestContext,
  target: Target,
  body: PromoteBody,
): Promise<z.output<typeof PromotionPreview>> {
  const { promotion, state } = await promoteTo(context, target, { ...body, validateOnly: true });
  const wish = { environment: target.environment, release: promotion.release, isRollback: false };
  const changes = await changesView(context, state, wish);
  return { ...toPromotionView(promotion), changes };
}

/** Cancels a promotion, if the caller may. @throws RequestError */
export async function cancelNamed(
  context: RequestContext,
  id: string,
  { reason = null }: { readonly reason?: z.output<typeof CancelBody>["reason"] | null },
): Promise<Promotion> {
  const { promotion, seen } = await promotionNamed(context, id);
  const { service } = seen.state;
  const environment = environmentNamed(service, promotion.environment);
  await permitAll(context, needTo.cancel({ service, environment }));
  const by = actorOf(context);
  const event = { kind: "cancellation-requested" as const, promotion: promotion.id, by, reason };
  return promotionOf(context, await decideOnlySeen(context.get("wiring").ports, seen, [event]));
}

/** An environment of a service as it was just read. */
export type Target = { readonly seen: SeenService; readonly environment: Environment };

/**
 * Promotes a release, or with `validateOnly` says what would come of it, if the caller may.
 * @throws RequestError
 */
export async function promoteTo(
  context: RequestContext,
  { seen, environment }: Target,
  body: PromoteBody,
): Promise<Standing> {
  const { ports } = context.get("wiring");
  const breaks = body.breakGlass !== undefined && body.breakGlass !== false;
  const place = { service: seen.state.service, environment };
  await permitAll(context, breaks ? needTo.breakGlass(place) : needTo.promote(place));
  const named = { name: body.release, isMeant: toPromote(seen, environment) };
  const release = await releaseIdNamed(context, seen, named);
  const tagged = await taggedUnlessNamed(context, { seen, environment }, body);
  const wanted = { environment, release: tagged?.release ?? release };
  await lookIfThere(ports, seen.state, wanted);
  const events = [...(tagged?.events ?? []), toEvent(context, wanted, body)];
  if (body.validateOnly === true) {
    await lookIfStale(ports, seen.state, environment);
    const previewed = await previewPromotion(context, seen, events);
    return { ...previewed, promotion: refuseWaiting(previewed.promotion, body) };
  }
  const handled = await decideOnlySeen(ports, seen, events);
  const promotion = refuseWaiting(await promotionOf(context, handled), body);
  return { promotion, state: seen.state };
}

/** What a manual environment's tag is on, unless a release is named. @throws RequestError when there is no such image. */
async function taggedUnlessNamed(
  context: RequestContext,
  { seen, environment }: Target,
  { release }: PromoteBody,
): Promise<TaggedRelease | null> {
  if (release !== undefined) {
    return null;
  }
  const { ports } = context.get("wiring");
  const by = actorOf(context);
  const tagged = await taggedRelease(ports, seen, { environment, by });
  if (!tagged.ok) {
    throw toRequestError(tagged.refusal);
  }
  return tagged.value;
}

/** Who does not want to wait is not content with a promotion that waits already, only with one that is looked at. */
function refuseWaiting(promotion: Promotion, { wait }: PromoteBody): Promotion {
  if (wait !== false || promotion.state !== "WAITING" || isImpatient(promotion)) {
    return promotion;
  }
  const closed = promotion.gates.filter(isClosed);
  const message = `promotion ${promotion.id} waits already: ${closedText(closed)}`;
  throw toRequestError({ kind: "gates-closed", message, gates: closed });
}

function toEvent(
  context: RequestContext,
  {
    environment,
    release,
  }: { readonly environment: Environment; readonly release: ReleaseId | null },
  body: PromoteBody,
): ServiceEvent {
  const by = actorOf(context);
  const { reason = null, breakGlass = false, wait = true } = body;
  return {
    kind: "promotion-requested",
    environment: environment.id,
    release,
    by,
    reason,
    breakGlass:
      breakGlass === false
        ? null
        : { by, reason: reason ?? "", gates: breakGlass === true ? BREAKABLE : breakGlass },
    wait,
  };
}
