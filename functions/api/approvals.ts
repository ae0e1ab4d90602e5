import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { lookForImage } from "../../shared/app/gone-image.ts";
import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import { lookIfThere } from "../../shared/app/look-there.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import type { Right } from "../../shared/domain/rights/table.ts";
import type { Environment } from "../../shared/domain/service.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import { ApproveBody, ReasonBody } from "../../shared/wire/api/bodies.ts";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { answers, toBody } from "./answers.ts";
import { actorOf, environmentNamed, permit, promotionNamed } from "./context.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { promotionOf } from "./replies.ts";

const Named = z.object({ promotion: z.string() });

const approve = createRoute({
  method: "post",
  path: "/v1/promotions/{promotion}/~approve",
  summary: "Approve a promotion; each person counts once",
  request: { params: Named, body: toBody(ApproveBody) },
  responses: answers(200, PromotionView, "The promotion, started if nothing else is missing"),
});

const reject = createRoute({
  method: "post",
  path: "/v1/promotions/{promotion}/~reject",
  summary: "Reject a promotion that waits: it ends",
  request: { params: Named, body: toBody(ReasonBody) },
  responses: answers(200, PromotionView, "The promotion"),
});

const retry = createRoute({
  method: "post",
  path: "/v1/promotions/{promotion}/~retry",
  summary: "Request a promotion again that failed or was cancelled",
  request: { params: Named },
  responses: answers(
    202,
    PromotionView,
    "A new promotion of the same release, which goes on where the one before stopped",
  ),
});

/** Adds the calls by which people decide on a promotion. */
export function addApprovals(app: OpenAPIHono<ApiEnvironment>): void {
  app.openapi(approve, async (context) => {
    const about = await permitted(context, context.req.valid("param").promotion, "approve");
    const { comment = null, shown } = context.req.valid("json");
    const by = actorOf(context);
    const { id } = about.promotion;
    const event: ServiceEvent = {
      kind: "approval-given",
      promotion: id,
      by,
      comment,
      ...(shown !== undefined && { shown }),
    };
    return context.json(toPromotionView(await decide(context, about, event)), 200);
  });
  app.openapi(reject, async (context) => {
    const about = await permitted(context, context.req.valid("param").promotion, "approve");
    const { reason } = context.req.valid("json");
    const by = actorOf(context);
    const { id } = about.promotion;
    const event = { kind: "rejection-given" as const, promotion: id, by, reason };
    return context.json(toPromotionView(await decide(context, about, event)), 200);
  });
  app.openapi(retry, async (context) => {
    const about = await permitted(context, context.req.valid("param").promotion, "promote");
    const { promotion } = about;
    const event = { kind: "retry-requested" as const, promotion, by: actorOf(context) };
    return context.json(toPromotionView(await decide(context, about, event)), 202);
  });
}

type About = {
  readonly promotion: Promotion;
  readonly seen: SeenService;
  readonly environment: Environment;
};

/** The promotion and its service, if the caller has the right where it goes. @throws ApiError */
async function permitted(
  context: ApiContext,
  id: string,
  right: Extract<Right, "approve" | "promote">,
): Promise<About> {
  const { promotion, seen } = await promotionNamed(context, id);
  const { service } = seen.state;
  const environment = environmentNamed(service, promotion.environment);
  await permit(context, { right, service, where: environment });
  return { promotion, seen, environment };
}

async function decide(
  context: ApiContext,
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
