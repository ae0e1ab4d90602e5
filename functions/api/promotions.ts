import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import { taggedRelease } from "../../shared/app/manual-tag.ts";
import type { TaggedRelease } from "../../shared/app/manual-tag.ts";
import { lookIfStale, lookIfThere } from "../../shared/app/look-there.ts";
import { isImpatient } from "../../shared/domain/change/impatient.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { closedText } from "../../shared/domain/gates/judge.ts";
import { BREAKABLE, isClosed } from "../../shared/domain/gates/verdict.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import { CancelBody, PageQuery, PromoteBody } from "../../shared/wire/api/bodies.ts";
import { PromotionPreview } from "../../shared/wire/api/changes.ts";
import { PromotionList, PromotionView } from "../../shared/wire/api/schemas.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { answers, toBody } from "./answers.ts";
import { changesView } from "./changes.ts";
import {
  actorOf,
  environmentNamed,
  permit,
  placeNamed,
  promotionNamed,
  serviceNamed,
} from "./context.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { toApiError } from "./errors.ts";
import { releaseIdNamed, toPromote } from "./named-releases.ts";
import { previewPromotion, promotionOf } from "./replies.ts";
import type { Standing } from "./replies.ts";

const Place = z.object({ service: z.string(), environment: z.string() });
const Named = z.object({ promotion: z.string() });

const promote = createRoute({
  method: "post",
  path: "/v1/services/{service}/environments/{environment}/~promote",
  summary: "Promote a release into an environment",
  request: { params: Place, body: toBody(PromoteBody) },
  responses: {
    ...answers(202, PromotionView, "The promotion, started or waiting behind closed gates"),
    ...answers(200, PromotionPreview, "With validateOnly: the promotion as it would be"),
  },
});

const get = createRoute({
  method: "get",
  path: "/v1/promotions/{promotion}",
  summary: "One promotion and its steps",
  request: { params: Named },
  responses: answers(200, PromotionView, "The promotion"),
});

const list = createRoute({
  method: "get",
  path: "/v1/services/{service}/promotions",
  summary: "A service's promotions, newest first",
  request: { params: Place.pick({ service: true }), query: PageQuery },
  responses: answers(200, PromotionList, "A page of promotions"),
});

const cancel = createRoute({
  method: "post",
  path: "/v1/promotions/{promotion}/~cancel",
  summary: "Cancel a promotion: one that waits ends, one that runs stops its rollout",
  request: { params: Named, body: toBody(CancelBody) },
  responses: answers(200, PromotionView, "The promotion"),
});

/** Adds the calls about promotions. */
export function addPromotions(app: OpenAPIHono<ApiEnvironment>): void {
  app.openapi(promote, async (context) => {
    const target = await placeNamed(context, context.req.valid("param"));
    const body = context.req.valid("json");
    const { promotion, state } = await promoteTo(context, target, body);
    if (body.validateOnly !== true) {
      return context.json(toPromotionView(promotion), 202);
    }
    const wish = {
      environment: target.environment,
      release: promotion.release,
      isRollback: false,
    };
    const changes = await changesView(context, state, wish);
    return context.json({ ...toPromotionView(promotion), changes }, 200);
  });
  app.openapi(get, async (context) => {
    const { promotion } = await promotionNamed(context, context.req.valid("param").promotion);
    return context.json(toPromotionView(promotion), 200);
  });
  app.openapi(list, async (context) => {
    const { state } = await serviceNamed(context, context.req.valid("param").service);
    const { store } = context.get("wiring").ports;
    const page = await store.promotions(state.service.id, context.req.valid("query"));
    const promotions = page.items.map(toPromotionView);
    return context.json({ promotions, nextPageToken: page.nextPageToken }, 200);
  });
  app.openapi(cancel, async (context) => {
    const named = await promotionNamed(context, context.req.valid("param").promotion);
    const { promotion, seen } = named;
    const { service } = seen.state;
    const environment = environmentNamed(service, promotion.environment);
    await permit(context, { right: "cancel", service, where: environment });
    const reason = context.req.valid("json").reason ?? null;
    const by = actorOf(context);
    const event = { kind: "cancellation-requested" as const, promotion: promotion.id, by, reason };
    const handled = await decideOnlySeen(context.get("wiring").ports, seen, [event]);
    return context.json(toPromotionView(await promotionOf(context, handled)), 200);
  });
}

type Target = { readonly seen: SeenService; readonly environment: Environment };

async function promoteTo(
  context: ApiContext,
  { seen, environment }: Target,
  body: PromoteBody,
): Promise<Standing> {
  const { ports } = context.get("wiring");
  const breaks = body.breakGlass !== undefined && body.breakGlass !== false;
  const right = breaks ? "break-glass" : "promote";
  await permit(context, { right, service: seen.state.service, where: environment });
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

/** What a manual environment's tag is on, unless a release is named. @throws ApiError when there is no such image. */
async function taggedUnlessNamed(
  context: ApiContext,
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
    throw toApiError(tagged.refusal);
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
  throw toApiError({ kind: "gates-closed", message, gates: closed });
}

function toEvent(
  context: ApiContext,
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
