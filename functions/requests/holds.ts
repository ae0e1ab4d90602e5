import { liftHold, listHolds, placeHold, previewHold } from "../../shared/app/holds.ts";
import type { HeldBy } from "../../shared/app/holds.ts";
import { listReadable, mayRead } from "../../shared/app/readable.ts";
import { hasRight } from "../../shared/app/rights.ts";
import { noHold } from "../../shared/domain/events/hold.ts";
import type { Hold, HoldScope } from "../../shared/domain/hold.ts";
import { holdId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { Question } from "../../shared/domain/rights/question.ts";
import type { Service } from "../../shared/domain/service.ts";
import { findEnvironment } from "../../shared/domain/state.ts";
import { instant } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { HoldBody } from "../../shared/wire/api/bodies.ts";
import { actorOf, deskOf, environmentNamed, may, permit, serviceNamed } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { RequestError, toRequestError } from "./errors.ts";

/** The open promotions that a hold would stop, if the caller may place it. @throws RequestError */
export async function blockedBy(
  context: RequestContext,
  body: HoldBody,
): Promise<readonly Promotion[]> {
  const { scope } = await toHold(context, body);
  return previewHold(context.get("wiring").ports, scope);
}

/** Places a hold, if the caller may. @throws RequestError */
export async function placeAsked(context: RequestContext, body: HoldBody): Promise<Hold> {
  const hold = await toHold(context, body);
  const refusal = await placeHold(context.get("wiring").ports, hold);
  if (refusal !== null) {
    throw toRequestError(refusal);
  }
  return hold;
}

/** Whether the caller may lift a hold; one that on-call placed, only whoever counts as on-call. */
export async function canLift(
  context: RequestContext,
  { hold, service }: HeldBy,
): Promise<boolean> {
  const { stop, overrule } = questionsAbout(hold.scope, service);
  return (await may(context, stop)) && (!hold.asOncall || (await may(context, overrule)));
}

/** Lifts a hold, if the caller may. @throws RequestError */
export async function liftNamed(context: RequestContext, id: string): Promise<void> {
  const found = (await readableHolds(context))?.find(({ hold }) => hold.id === id);
  if (found === undefined) {
    throw toRequestError(noHold(id));
  }
  const { stop, overrule } = questionsAbout(found.hold.scope, found.service);
  await permit(context, stop);
  const asOncall = await may(context, overrule);
  const lifted = { hold: found.hold.id, by: actorOf(context), asOncall };
  const refusal = await liftHold(context.get("wiring").ports, lifted);
  if (refusal !== null) {
    throw toRequestError(refusal);
  }
}

/**
 * The holds that the caller may read: those of services that they may, and with any of those the ones on everything.
 * Null: they may read no service.
 */
export async function readableHolds(context: RequestContext): Promise<readonly HeldBy[] | null> {
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

async function toHold(context: RequestContext, body: HoldBody): Promise<Hold> {
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
    throw new RequestError("INVALID_ARGUMENT", `until: ${text} has passed; name a future moment`);
  }
  return until;
}

/** What is to be held, and its service; none for everything. */
async function toScope(
  context: RequestContext,
  body: HoldBody,
): Promise<{ readonly scope: HoldScope; readonly service: Service | null }> {
  const narrowest = body.environment === undefined ? "service" : "environment";
  const kind = body.scope ?? (body.service === undefined ? "all" : narrowest);
  if (kind === "all") {
    refuseBoth(body);
    return { scope: { kind }, service: null };
  }
  if (body.service === undefined) {
    throw new RequestError(
      "INVALID_ARGUMENT",
      `service: a hold with scope ${kind} needs its service`,
    );
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
    throw new RequestError("INVALID_ARGUMENT", message);
  }
}
