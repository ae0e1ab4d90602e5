import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { arrivalOf } from "../../shared/domain/explain/arrival.ts";
import { PromotionWithArrival, toArrivalView } from "../../shared/wire/api/arrival.ts";
import { CancelBody, PageQuery, PromoteBody } from "../../shared/wire/api/bodies.ts";
import { PromotionPreview } from "../../shared/wire/api/changes.ts";
import { PromotionList, PromotionView } from "../../shared/wire/api/schemas.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { placeNamed, promotionNamed, serviceNamed } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { cancelNamed, previewPromote, promoteTo } from "../requests/promote.ts";
import { answers, toBody } from "./answers.ts";

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
  responses: answers(
    200,
    PromotionWithArrival,
    "The promotion, and when it will probably be there",
  ),
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
export function addPromotions(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(promote, async (context) => {
    const target = await placeNamed(context, context.req.valid("param"));
    const body = context.req.valid("json");
    if (body.validateOnly !== true) {
      const { promotion } = await promoteTo(context, target, body);
      return context.json(toPromotionView(promotion), 202);
    }
    return context.json(await previewPromote(context, target, body), 200);
  });
  app.openapi(get, async (context) => {
    const named = await promotionNamed(context, context.req.valid("param").promotion);
    const { promotion, seen } = named;
    const now = context.get("wiring").ports.clock.now();
    const expected = toArrivalView(arrivalOf(seen.state, promotion, now));
    return context.json({ ...toPromotionView(promotion), expected }, 200);
  });
  app.openapi(list, async (context) => {
    const { state } = await serviceNamed(context, context.req.valid("param").service);
    const { store } = context.get("wiring").ports;
    const page = await store.promotions(state.service.id, context.req.valid("query"));
    const promotions = page.items.map(toPromotionView);
    return context.json({ promotions, nextPageToken: page.nextPageToken }, 200);
  });
  app.openapi(cancel, async (context) => {
    const { promotion: id } = context.req.valid("param");
    const promotion = await cancelNamed(context, id, context.req.valid("json"));
    return context.json(toPromotionView(promotion), 200);
  });
}
