import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { SpanQuery } from "../../shared/wire/api/bodies.ts";
import { AuditList } from "../../shared/wire/api/schemas.ts";
import { PlacedTimelineList, toPlacedTimelineView } from "../../shared/wire/api/timeline.ts";
import { toAuditView } from "../../shared/wire/api/views.ts";
import type { RequestEnvironment } from "../requests/context.ts";
import { spanAsked } from "../requests/timeline.ts";
import { answers } from "./answers.ts";

const timeline = createRoute({
  method: "get",
  path: "/v1/timeline",
  summary: "What was deployed anywhere in a span of time: the last hour unless it is said",
  request: { query: SpanQuery },
  responses: answers(200, PlacedTimelineList, "A page of entries, newest first"),
});

const happenings = createRoute({
  method: "get",
  path: "/v1/timeline/happenings",
  summary: "What else happened anywhere: failures, incidents, holds, restores, specifications",
  request: { query: SpanQuery },
  responses: answers(200, AuditList, "A page of records, newest first"),
});

/** Adds the calls that tell what changed anywhere. */
export function addTimeline(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(timeline, async (context) => {
    const { from, to, ...page } = context.req.valid("query");
    const request = { ...page, ...(await spanAsked(context, { from, to })) };
    const found = await context.get("wiring").ports.store.timelineOfAll(request);
    const entries = found.items.map(toPlacedTimelineView);
    return context.json({ entries, nextPageToken: found.nextPageToken }, 200);
  });
  app.openapi(happenings, async (context) => {
    const { from, to, ...page } = context.req.valid("query");
    const request = { ...page, ...(await spanAsked(context, { from, to })) };
    const found = await context.get("wiring").ports.store.happeningsOfAll(request);
    const records = found.items.map(toAuditView);
    return context.json({ records, nextPageToken: found.nextPageToken }, 200);
  });
}
