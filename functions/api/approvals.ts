import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { ApproveBody, ReasonBody } from "../../shared/wire/api/bodies.ts";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { approveNamed, rejectNamed, retryNamed } from "../requests/approvals.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { answers, toBody } from "./answers.ts";

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
export function addApprovals(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(approve, async (context) => {
    const { promotion: id } = context.req.valid("param");
    const promotion = await approveNamed(context, id, context.req.valid("json"));
    return context.json(toPromotionView(promotion), 200);
  });
  app.openapi(reject, async (context) => {
    const { promotion: id } = context.req.valid("param");
    const promotion = await rejectNamed(context, id, context.req.valid("json"));
    return context.json(toPromotionView(promotion), 200);
  });
  app.openapi(retry, async (context) => {
    const promotion = await retryNamed(context, context.req.valid("param").promotion);
    return context.json(toPromotionView(promotion), 202);
  });
}
