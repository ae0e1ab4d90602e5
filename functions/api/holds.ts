import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { liftHold, listHolds, placeHold, previewHold } from "../../shared/app/holds.ts";
import type { Hold, HoldScope } from "../../shared/domain/hold.ts";
import { holdId } from "../../shared/domain/ids.ts";
import type { Environment } from "../../shared/domain/service.ts";
import { instant } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { HoldBody, WholeListQuery } from "../../shared/wire/api/bodies.ts";
import { HoldList, HoldPreview, HoldView } from "../../shared/wire/api/schemas.ts";
import { toHoldView, toPromotionView } from "../../shared/wire/api/views.ts";
import { answers, toBody } from "./answers.ts";
import { actorOf, environmentNamed, isOncall, permit, serviceNamed } from "./context.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { ApiError, toApiError } from "./errors.ts";

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
export function addHolds(app: OpenAPIHono<ApiEnvironment>): void {
  app.openapi(list, async (context) => {
    await permit(context, { kind: "view" });
    const holds = await listHolds(context.get("wiring").ports);
    return context.json({ holds: holds.map(toHoldView), nextPageToken: "" }, 200);
  });
  app.openapi(place, async (context) => {
    await permit(context, { kind: "hold" });
    const { ports } = context.get("wiring");
    const body = context.req.valid("json");
    const hold = await toHold(context, body);
    if (body.validateOnly === true) {
      const blocked = await previewHold(ports, hold.scope);
      return context.json({ blocks: blocked.map(toPromotionView) }, 200);
    }
    const refusal = await placeHold(ports, hold);
    if (refusal !== null) {
      throw toApiError(refusal);
    }
    return context.json(toHoldView(hold), 201);
  });
  app.openapi(lift, async (context) => {
    await permit(context, { kind: "hold" });
    const { ports } = context.get("wiring");
    const id = holdId(context.req.valid("param").hold);
    const hold = (await listHolds(ports)).find((other) => other.id === id);
    const asOncall = await isOncall(
      context,
      hold === undefined ? [] : await under(context, hold.scope),
    );
    const refusal = await liftHold(ports, { hold: id, by: actorOf(context), asOncall });
    if (refusal !== null) {
      throw toApiError(refusal);
    }
    return context.json({}, 200);
  });
}

async function toHold(context: ApiContext, body: HoldBody): Promise<Hold> {
  const { clock, unique } = context.get("wiring").ports;
  const createdAt = clock.now();
  const scope = await toScope(context, body);
  return {
    id: holdId(`hold-${unique.next()}`),
    scope,
    reason: body.reason,
    by: actorOf(context),
    asOncall: await isOncall(context, await under(context, scope)),
    createdAt,
    until: toUntil(body.until, createdAt),
  };
}

/** The environments that a hold of that scope stops; none for everything. */
async function under(context: ApiContext, scope: HoldScope): Promise<readonly Environment[]> {
  if (scope.kind === "all") {
    return [];
  }
  const { environments } = (await serviceNamed(context, scope.service)).state.service;
  return scope.kind === "service"
    ? environments
    : environments.filter(({ id }) => id === scope.environment);
}

function toUntil(text: string | undefined, now: Instant): Instant | null {
  if (text === undefined) {
    return null;
  }
  const until = instant(Date.parse(text));
  if (until <= now) {
    throw new ApiError("INVALID_ARGUMENT", `until: ${text} has passed; name a moment to come`);
  }
  return until;
}

async function toScope(context: ApiContext, body: HoldBody): Promise<HoldScope> {
  const narrowest = body.environment === undefined ? "service" : "environment";
  const kind = body.scope ?? (body.service === undefined ? "all" : narrowest);
  if (kind === "all") {
    refuseBoth(body);
    return { kind };
  }
  if (body.service === undefined) {
    throw new ApiError("INVALID_ARGUMENT", `service: a hold with scope ${kind} names its service`);
  }
  const { state } = await serviceNamed(context, body.service);
  const { service } = state;
  if (kind === "service") {
    return { kind, service: service.id };
  }
  const environment = environmentNamed(service, body.environment ?? "");
  return { kind, service: service.id, environment: environment.id };
}

function refuseBoth(body: HoldBody): void {
  if (body.service !== undefined) {
    const message = "scope: a hold on everything names no service";
    throw new ApiError("INVALID_ARGUMENT", message);
  }
}
