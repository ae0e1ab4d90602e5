import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { explainRelease } from "../../shared/app/explain.ts";
import { environmentState } from "../../shared/domain/state.ts";
import { ExplainQuery } from "../../shared/wire/api/bodies.ts";
import { ExplanationWithChanges, toExplanationView } from "../../shared/wire/api/explanation.ts";
import { answers } from "./answers.ts";
import { changesView } from "./changes.ts";
import { actorOf, placeNamed } from "./context.ts";
import type { ApiEnvironment } from "./context.ts";
import { toApiError } from "./errors.ts";
import { releaseIdNamed } from "./named-releases.ts";

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
export function addExplain(app: OpenAPIHono<ApiEnvironment>): void {
  app.openapi(route, async (context) => {
    const { seen, environment } = await placeNamed(context, context.req.valid("param"));
    const { release: name } = context.req.valid("query");
    const release = await releaseIdNamed(context, seen, { name });
    const explained = await explainRelease(context.get("wiring").ports, seen, {
      environment,
      release,
      by: actorOf(context),
    });
    if (!explained.ok) {
      throw toApiError(explained.refusal);
    }
    const { incidents } = environmentState(seen.state, environment.id);
    const place = { service: seen.state.service.id, environment: environment.id, incidents };
    const explanation = toExplanationView(explained.value, place);
    const changes =
      explained.value.release === null
        ? null
        : await changesView(context, seen.state, {
            environment,
            release: explained.value.release.id,
            isRollback: false,
          });
    return context.json({ ...explanation, changes }, 200);
  });
}
