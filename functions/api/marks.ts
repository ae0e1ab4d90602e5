import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { ReasonBody } from "../../shared/wire/api/bodies.ts";
import { ReleaseView } from "../../shared/wire/api/schemas.ts";
import { toReleaseView } from "../../shared/wire/api/views.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { markNamed } from "../requests/marks.ts";
import { answers, toBody } from "./answers.ts";

const Named = z.object({ service: z.string(), release: z.string() });

const markBad = createRoute({
  method: "post",
  path: "/v1/services/{service}/releases/{release}/~markBad",
  summary: "Mark a release bad, so that no promotion takes it anywhere",
  request: { params: Named, body: toBody(ReasonBody) },
  responses: answers(200, ReleaseView, "The release"),
});

const unmarkBad = createRoute({
  method: "post",
  path: "/v1/services/{service}/releases/{release}/~unmarkBad",
  summary: "Take the bad mark away",
  request: { params: Named, body: toBody(ReasonBody) },
  responses: answers(200, ReleaseView, "The release"),
});

/** Adds the calls that mark releases. */
export function addMarks(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(markBad, async (context) => {
    const { reason } = context.req.valid("json");
    const release = await markNamed(context, context.req.valid("param"), { isBad: true, reason });
    return context.json(toReleaseView(release), 200);
  });
  app.openapi(unmarkBad, async (context) => {
    const { reason } = context.req.valid("json");
    const release = await markNamed(context, context.req.valid("param"), { isBad: false, reason });
    return context.json(toReleaseView(release), 200);
  });
}
