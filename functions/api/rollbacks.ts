import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { RollbackBody } from "../../shared/wire/api/bodies.ts";
import { RollbackPreview } from "../../shared/wire/api/changes.ts";
import { RollbackView } from "../../shared/wire/api/recovery.ts";
import { placeNamed } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { previewRollback, rollBackTo } from "../requests/rollback.ts";
import { answers, toBody } from "./answers.ts";

const route = createRoute({
  method: "post",
  path: "/v1/services/{service}/environments/{environment}/~rollback",
  summary: "Take an environment back to an earlier release, and hold it there",
  request: {
    params: z.object({ service: z.string(), environment: z.string() }),
    body: toBody(RollbackBody),
  },
  responses: {
    ...answers(202, RollbackView, "The rollback, and what it loses"),
    ...answers(200, RollbackPreview, "With validateOnly: whether it is safe, and why not"),
  },
});

/** Adds the call that takes an environment back. */
export function addRollbacks(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(route, async (context) => {
    const target = await placeNamed(context, context.req.valid("param"));
    const body = context.req.valid("json");
    return body.validateOnly === true
      ? context.json(await previewRollback(context, target, body), 200)
      : context.json(await rollBackTo(context, target, body), 202);
  });
}
