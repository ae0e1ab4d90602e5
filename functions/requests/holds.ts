import { liftHold, listHolds, placeHold, previewHold } from "../../shared/app/holds.ts";
import type { HeldBy } from "../../shared/app/holds.ts";
import { listReadable, mayRead } from "../../shared/app/readable.ts";
import { hasRight } from "../../shared/app/rights.ts";
import { noHold } from "../../shared/domain/events/hold.ts";
import type { Hold, HoldScope } from "../../shared/domain/hold.ts";
import { holdId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { Service } from "../../shared/domain/service.ts";
import { instant } from "../../shared/domain/time.ts";
import type { Instant } from "../../shared/domain/time.ts";
import type { HoldBody } from "../../shared/wire/api/bodies.ts";
import { actorOf, deskOf, environmentNamed, may, serviceNamed } from "./context.ts";
import type { RequestContext } from "./context.ts";
import { RequestError, toRequestError } from "./errors.ts";
import { needTo, overruleOf, permitAll } from "./needs.ts";

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

/** Lifts a hold, if the caller may. @throws RequestError */
export async function liftNamed(context: RequestContext, id: string): Promise<void> {
  const { hold, service } = await holdNamed(context, id);
  const held = { scope: hold.scope, service };
  // Whether on-call's hold is lifted is decided with the hold as it is by then, in words of its own.
  await permitAll(context, needTo.hold(held));
  const asOncall = await may(context, overruleOf(held));
  const lifted = { hold: hold.id, by: actorOf(context), asOncall };
  const refusal = await liftHold(context.get("wiring").ports, lifted);
  if (refusal !== null) {
    throw toRequestError(refusal);
  }
}

/** The hold of that id. @throws RequestError NOT_FOUND when there is none that the caller may read. */
export async function holdNamed(context: RequestContext, id: string): Promise<HeldBy> {
  const found = (await readableHolds(context))?.find(({ hold }) => hold.id === id);
  if (found === undefined) {
    throw toRequestError(noHold(id));
  }
  return found;
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
  const held = await toScope(context, body);
  await permitAll(context, needTo.hold(held));
  return {
    id: holdId(`hold-${unique.next()}`),
    scope: held.scope,
    reason: body.reason,
    by: actorOf(context),
    asOncall: await may(context, overruleOf(held)),
    createdAt,
    until: toUntil(body.until, createdAt),
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
