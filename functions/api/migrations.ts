import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { PromotionView } from "../../shared/wire/api/schemas.ts";
import { toPromotionView } from "../../shared/wire/api/views.ts";
import { answers } from "./answers.ts";
import { placeNamed } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { startMigration } from "../requests/migrations.ts";

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
    const target = await placeNamed(context, context.req.valid("param"));
    return context.json(toPromotionView(await startMigration(context, target)), 202);
  });
}
