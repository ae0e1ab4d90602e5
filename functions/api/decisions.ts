import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { PageQuery } from "../../shared/wire/api/bodies.ts";
import { DecisionList, toDecisionView } from "../../shared/wire/api/decisions.ts";
import { permit } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { answers } from "./answers.ts";

const route = createRoute({
  method: "get",
  path: "/v1/decisions",
  summary: "Every event that came in lately, and what became of it",
  request: { query: PageQuery },
  responses: answers(200, DecisionList, "A page of events, newest first"),
});

/** Adds the call that tells what became of events; they are of no single service, so it takes the right to read all. */
export function addDecisions(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(route, async (context) => {
    await permit(context, { right: "read-all" });
    const { store } = context.get("wiring").ports;
    const { items, nextPageToken } = await store.decisions(context.req.valid("query"));
    return context.json({ decisions: items.map(toDecisionView), nextPageToken }, 200);
  });
}
