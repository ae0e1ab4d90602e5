import { createRoute } from "@hono/zod-openapi";
import type { OpenAPIHono } from "@hono/zod-openapi";
import { z } from "zod";
import { liftHold, listHolds, placeHold, previewHold } from "../../shared/app/holds.ts";
import type { HeldBy } from "../../shared/app/holds.ts";
import { listReadable, mayRead } from "../../shared/app/readable.ts";
import { hasRight } from "../../shared/app/rights.ts";
import { noHold } from "../../shared/domain/events/hold.ts";
import type { Hold, HoldScope } from "../../shared/domain/hold.ts";
import { holdId } from "../../shared/domain/ids.ts";
import type { Question } from "../../shared/domain/rights/question.ts";
import type { Service } from "../../shared/domain/service.ts";
import { findEnvironment } from "../../shared/domain/state.ts";
import { instant } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import { HoldBody, WholeListQuery } from "../../shared/wire/api/bodies.ts";
import { HoldList, HoldPreview, HoldView } from "../../shared/wire/api/schemas.ts";
import { toHoldView, toPromotionView } from "../../shared/wire/api/views.ts";
import { answers, toBody } from "./answers.ts";
import {
  actorOf,
  deskOf,
  environmentNamed,
  may,
  permit,
  strangerError,
  serviceNamed,
} from "./context.ts";
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
    const holds = await readableHolds(context);
    if (holds === null) {
      throw strangerError(context);
    }
    return context.json(
      { holds: holds.map(({ hold }) => toHoldView(hold)), nextPageToken: "" },
      200,
    );
  });
  app.openapi(place, async (context) => {
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
    const id = context.req.valid("param").hold;
    const found = (await readableHolds(context))?.find(({ hold }) => hold.id === id);
    if (found === undefined) {
      throw toApiError(noHold(id));
    }
    const { stop, overrule } = questionsAbout(found.hold.scope, found.service);
    await permit(context, stop);
    const asOncall = await may(context, overrule);
    const lifted = { hold: found.hold.id, by: actorOf(context), asOncall };
    const refusal = await liftHold(context.get("wiring").ports, lifted);
    if (refusal !== null) {
      throw toApiError(refusal);
    }
    return context.json({}, 200);
  });
}

/**
 * The holds that the caller may read: those of services that they may, and with any of those the ones on everything.
 * Null: they may read no service.
 */
async function readableHolds(context: ApiContext): Promise<readonly HeldBy[] | null> {
  const { ports } = context.get("wiring");
  const desk = deskOf(context);
  const all = await listHolds(ports);
  if (await hasRight(desk, { right: "read-all" })) {
    return all;
  }
  const { items } = await listReadable(ports, desk, { pageSize: 1, pageToken: "" });
  const isShown = await Promise.all(
    all.map(async ({ service }) => service === null || mayRead(desk, service)),
  );
  return items.length === 0 ? null : all.filter((_, index) => isShown[index] === true);
}

async function toHold(context: ApiContext, body: HoldBody): Promise<Hold> {
  const { clock, unique } = context.get("wiring").ports;
  const createdAt = clock.now();
  const { scope, service } = await toScope(context, body);
  const { stop, overrule } = questionsAbout(scope, service);
  await permit(context, stop);
  return {
    id: holdId(`hold-${unique.next()}`),
    scope,
    reason: body.reason,
    by: actorOf(context),
    asOncall: await may(context, overrule),
    createdAt,
    until: toUntil(body.until, createdAt),
  };
}

type Questions = {
  /** Whether the caller may place such a hold, and lift one. */
  readonly stop: Question;
  /** Whether they do so as on-call, and may lift what on-call placed. */
  readonly overrule: Question;
};

function questionsAbout(scope: HoldScope, service: Service | null): Questions {
  if (service === null || scope.kind === "all") {
    return { stop: { right: "stop-all" }, overrule: { right: "overrule-all" } };
  }
  // An environment that the service no longer has is held like the service.
  const where =
    (scope.kind === "environment" ? findEnvironment(service, scope.environment) : null) ?? "whole";
  return {
    stop: { right: "stop", service, where },
    overrule: { right: "overrule", service, where },
  };
}

function toUntil(text: string | undefined, now: Instant): Instant | null {
  if (text === undefined) {
    return null;
  }
  const until = instant(Date.parse(text));
  if (until <= now) {
    throw new ApiError("INVALID_ARGUMENT", `until: ${text} has passed; name a future moment`);
  }
  return until;
}

/** What is to be held, and its service; none for everything. */
async function toScope(
  context: ApiContext,
  body: HoldBody,
): Promise<{ readonly scope: HoldScope; readonly service: Service | null }> {
  const narrowest = body.environment === undefined ? "service" : "environment";
  const kind = body.scope ?? (body.service === undefined ? "all" : narrowest);
  if (kind === "all") {
    refuseBoth(body);
    return { scope: { kind }, service: null };
  }
  if (body.service === undefined) {
    throw new ApiError("INVALID_ARGUMENT", `service: a hold with scope ${kind} needs its service`);
  }
  const { service } = (await serviceNamed(context, body.service)).state;
  if (kind === "service") {
    return { scope: { kind, service: service.id }, service };
  }
  const environment = environmentNamed(service, body.environment ?? "");
  return { scope: { kind, service: service.id, environment: environment.id }, service };
}

function refuseBoth(body: HoldBody): void {
  if (body.service !== undefined) {
    const message = "scope: a hold on everything names no service";
    throw new ApiError("INVALID_ARGUMENT", message);
  }
}
