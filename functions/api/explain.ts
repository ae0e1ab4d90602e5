import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { ExplainQuery } from "../../shared/wire/api/bodies.ts";
import { ExplanationWithChanges } from "../../shared/wire/api/explanation.ts";
import { placeNamed } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { explainAt } from "../requests/explain.ts";
import { answers } from "./answers.ts";

const route = createRoute({
  method: "get",
  path: "/v1/services/{service}/environments/{environment}/~explain",
  summary: "Why a release is in an environment or is not, and what would help",
  request: {
    params: z.object({ service: z.string(), environment: z.string() }),
    query: ExplainQuery,
  },
  responses: answers(200, ExplanationWithChanges, "Every gate's verdict, and what would open it"),
});

/** Adds the call that explains. */
export function addExplain(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(route, async (context) => {
    const target = await placeNamed(context, context.req.valid("param"));
    const { release } = context.req.valid("query");
    const { told } = await explainAt(context, target, release);
    return context.json(told, 200);
  });
}
