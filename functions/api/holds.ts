import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { HoldBody, WholeListQuery } from "../../shared/wire/api/bodies.ts";
import { HoldList, HoldPreview, HoldView } from "../../shared/wire/api/schemas.ts";
import { toHoldView, toPromotionView } from "../../shared/wire/api/views.ts";
import { strangerError } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { blockedBy, liftNamed, placeAsked, readableHolds } from "../requests/holds.ts";
import { answers, toBody } from "./answers.ts";

const list = createRoute({
  method: "get",
  path: "/v1/holds",
  summary: "The holds in force",
  request: { query: WholeListQuery },
  responses: answers(200, HoldList, "Every hold, those on everything first"),
});

const place = createRoute({
  method: "post",
  path: "/v1/holds",
  summary: "Put a hold on everything, a service or an environment",
  request: { body: toBody(HoldBody) },
  responses: {
    ...answers(201, HoldView, "The hold"),
    ...answers(200, HoldPreview, "With validateOnly: the open promotions that it would stop"),
  },
});

const lift = createRoute({
  method: "delete",
  path: "/v1/holds/{hold}",
  summary: "Lift a hold",
  request: { params: z.object({ hold: z.string() }) },
  responses: answers(200, z.object({}), "It is lifted"),
});

/** Adds the calls about holds. */
export function addHolds(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(list, async (context) => {
    const holds = await readableHolds(context);
    if (holds === null) {
      throw strangerError(context);
    }
    return context.json(
      { holds: holds.map(({ hold }) => toHoldView(hold)), nextPageToken: "" },
      200,
    );
  });
  app.openapi(place, async (context) => {
    const body = context.req.valid("json");
    if (body.validateOnly === true) {
      const blocks = await blockedBy(context, body);
      return context.json({ blocks: blocks.map(toPromotionView) }, 200);
    }
    return context.json(toHoldView(await placeAsked(context, body)), 201);
  });
  app.openapi(lift, async (context) => {
    await liftNamed(context, context.req.valid("param").hold);
    return context.json({}, 200);
  });
}
