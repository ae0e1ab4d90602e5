import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { readOwnChannels } from "../../shared/app/own-channels.ts";
import { listReadable } from "../../shared/app/readable.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { ListedService } from "../../shared/ports/store.ts";
import { PageQuery } from "../../shared/wire/api/bodies.ts";
import { ServiceList, ServiceView, TimelineList } from "../../shared/wire/api/schemas.ts";
import {
  toServiceView,
  toTime,
  toTimelineView,
  toUnreadableView,
} from "../../shared/wire/api/views.ts";
import { answers } from "./answers.ts";
import { deskOf, may, refuseStranger, serviceNamed } from "../requests/context.ts";
import type { RequestEnvironment } from "../requests/context.ts";

const Named = z.object({ service: z.string() });

const list = createRoute({
  method: "get",
  path: "/v1/services",
  summary: "Every service with its environments",
  request: { query: PageQuery },
  responses: answers(200, ServiceList, "A page of services by id"),
});

const get = createRoute({
  method: "get",
  path: "/v1/services/{service}",
  summary: "One service with its environments",
  request: { params: Named },
  responses: answers(200, ServiceView, "The service"),
});

const timeline = createRoute({
  method: "get",
  path: "/v1/services/{service}/timeline",
  summary: "What was in each environment from when to when",
  request: { params: Named, query: PageQuery },
  responses: answers(200, TimelineList, "A page of entries, newest first"),
});

/** Adds the calls that read services. */
export function addServices(app: OpenAPIHono<RequestEnvironment>): void {
  app.openapi(list, async (context) => {
    const { ports } = context.get("wiring");
    const request = context.req.valid("query");
    const { items, nextPageToken } = await listReadable(ports, deskOf(context), request);
    await refuseStranger(context, items.length === 0 && request.pageToken === "");
    const now = ports.clock.now();
    const services = items.map((found) => toView(ports.log, found, now));
    const isWhole = request.pageToken === "" && (await may(context, { right: "read-all" }));
    const own = isWhole ? await readOwnChannels(ports.store) : [];
    const channels = own.map(({ channel, since, reason }) => ({
      channel,
      since: toTime(since),
      reason,
    }));
    return context.json({ services, nextPageToken, channels }, 200);
  });
  app.openapi(get, async (context) => {
    const { state } = await serviceNamed(context, context.req.valid("param").service);
    return context.json(toServiceView(state, context.get("wiring").ports.clock.now()), 200);
  });
  app.openapi(timeline, async (context) => {
    const { state } = await serviceNamed(context, context.req.valid("param").service);
    const { store } = context.get("wiring").ports;
    const page = await store.timeline(state.service.id, context.req.valid("query"));
    const entries = page.items.map(toTimelineView);
    return context.json({ entries, nextPageToken: page.nextPageToken }, 200);
  });
}

/** A service as far as it can be shown: what is kept of one keeps no other from the list. */
function toView(log: Log, found: ListedService, now: Instant): z.output<typeof ServiceView> {
  if (found.kind === "unreadable") {
    return toUnreadableView(found.service, found.reason);
  }
  const { state } = found.seen;
  try {
    return toServiceView(state, now);
  } catch (error) {
    // What is kept can be read and makes no sense: that is a bug, of this one service alone.
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error("service not shown", { service: state.service.id, cause });
    return toUnreadableView(state.service.id, "its document makes no sense; the log says why");
  }
}
