import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { decideOnlySeen } from "../../shared/app/decide-only.ts";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { answers } from "./answers.ts";
import { actorOf, permit, placeNamed } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { promotionOf } from "../requests/replies.ts";

const route = createRoute({
  method: "post",
  path: "/v1/services/{service}/environments/{environment}/~migrate",
  summary: "Start the migration that waits for a person",
  request: { params: z.object({ service: z.string(), environment: z.string() }) },
  responses: answers(202, PromotionView, "The promotion whose migration it is"),
});

/** Adds the call that starts a migration. */
export function addMigrations(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(route, async (context) => {
    const { seen, environment } = await placeNamed(context, context.req.valid("param"));
    await permit(context, {
      right: "promote",
      service: seen.state.service,
      where: environment,
    });
    const { ports } = context.get("wiring");
    const by = actorOf(context);
    const event = { kind: "contract-requested" as const, environment: environment.id, by };
    const handled = await decideOnlySeen(ports, seen, [event]);
    return context.json(toPromotionView(await promotionOf(context, handled)), 202);
  });
}
