import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import { mayRead } from "../../shared/app/readable.ts";
import { askRight, hasRight, toActor } from "../../shared/app/rights.ts";
import type { Membership } from "../../shared/app/membership.ts";
import type { Caller, RightsDesk } from "../../shared/app/rights.ts";
import { asPromotionId, serviceId } from "../../shared/domain/ids.ts";
import type { ServiceId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { Actor } from "../../shared/domain/release.ts";
import type { Question } from "../../shared/domain/rights/question.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { findEnvironment } from "../../shared/domain/state.ts";
import { UnreadableError } from "../../shared/ports/errors.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import type { DecidingWiring } from "../wiring.ts";
import { RequestError } from "./errors.ts";

/** What a request carries with it once its caller is known. */
export type RequestEnvironment = {
  readonly Bindings: { readonly incoming: IncomingMessage };
  readonly Variables: {
    readonly wiring: DecidingWiring;
    readonly caller: Caller;
    readonly members: Membership;
    /** The secret by which a page's forms are known to be its own; pages alone have it. */
    readonly formKey?: string;
  };
};

/** A request of a known caller on its way, of the API or of a page. */
export type RequestContext = Context<RequestEnvironment>;

/** The caller as a record names them. */
export function actorOf(context: RequestContext): Actor {
  return toActor(context.get("caller"));
}

/** What answers questions about the caller's rights. */
export function deskOf(context: RequestContext): RightsDesk {
  const { access } = context.get("wiring").config;
  return { access, caller: context.get("caller"), members: context.get("members") };
}

/** @throws RequestError PERMISSION_DENIED when the caller may not do it. Only about what they may read. */
export async function permit(
  context: RequestContext,
  question: Question,
  because?: string,
): Promise<void> {
  const answer = await askRight(deskOf(context), question);
  if (!answer.ok) {
    const why = because === undefined ? "" : `${because}. `;
    throw new RequestError("PERMISSION_DENIED", `${why}${answer.refusal}`);
  }
}

/** What lists say to somebody who may read nothing, rather than that there is nothing. */
export function strangerError(context: RequestContext): RequestError {
  const { email } = context.get("caller");
  return new RequestError(
    "PERMISSION_DENIED",
    `${email} may not read any service: neither this installation nor a specification names them. To read, ask whoever runs this installation for the role of viewer, or get named in a service.yaml`,
  );
}

/**
 * Has a list that shows nothing at all say so to somebody who may read nothing, rather than that there is nothing.
 * @throws RequestError PERMISSION_DENIED
 */
export async function refuseStranger(context: RequestContext, isEmpty: boolean): Promise<void> {
  if (isEmpty && !(await may(context, { right: "read-all" }))) {
    throw strangerError(context);
  }
}

/** Whether the caller may do it. */
export async function may(context: RequestContext, question: Question): Promise<boolean> {
  return hasRight(deskOf(context), question);
}

/** @throws RequestError NOT_FOUND when there is no such service, or the caller may not read it: nobody can tell which. */
export async function serviceNamed(context: RequestContext, id: string): Promise<SeenService> {
  const seen = await findReadable(context, id);
  if (seen === null) {
    const help = { how: "list them", step: { kind: "list-services" as const } };
    throw new RequestError("NOT_FOUND", `there is no service ${id}`, { help });
  }
  return seen;
}

/** The service of that id, null where there is none that the caller may read. */
export async function findReadable(
  context: RequestContext,
  id: string,
): Promise<SeenService | null> {
  const seen = isServiceId(id) ? await readService(context, serviceId(id)) : null;
  return seen !== null && (await mayRead(deskOf(context), seen.state.service)) ? seen : null;
}

/** One that is there and cannot be read is told of to those who may read all. */
async function readService(context: RequestContext, id: ServiceId): Promise<SeenService | null> {
  try {
    return await context.get("wiring").ports.store.read(id);
  } catch (error) {
    if (error instanceof UnreadableError && !(await may(context, { right: "read-all" }))) {
      return null;
    }
    throw error;
  }
}

function isServiceId(text: string): boolean {
  return /^[a-z0-9-]{1,20}$/.test(text);
}

/** @throws RequestError NOT_FOUND when the service has no such environment. */
export function environmentNamed(service: Service, id: string): Environment {
  const environment = findEnvironment(service, id);
  if (environment === null) {
    const names = service.environments.map((other) => other.id).join(", ");
    const message = `service ${service.id} has no environment ${id}; it has ${names}`;
    throw new RequestError("NOT_FOUND", message);
  }
  return environment;
}

/** @throws RequestError NOT_FOUND when there is no such service, or it has no such environment. */
export async function placeNamed(
  context: RequestContext,
  place: { readonly service: string; readonly environment: string },
): Promise<{ readonly seen: SeenService; readonly environment: Environment }> {
  const seen = await serviceNamed(context, place.service);
  return { seen, environment: environmentNamed(seen.state.service, place.environment) };
}

/**
 * The promotion of that id, and its service.
 * @throws RequestError NOT_FOUND when there is none, or it is of a service that the caller may not read.
 */
export async function promotionNamed(
  context: RequestContext,
  id: string,
): Promise<{ readonly promotion: Promotion; readonly seen: SeenService }> {
  const { ports } = context.get("wiring");
  const promotion = isResourceId(id) ? await ports.store.promotion(asPromotionId(id)) : null;
  const seen = promotion === null ? null : await findReadable(context, promotion.service);
  if (promotion === null || seen === null) {
    const help = { how: "list them", step: { kind: "list-promotions" as const } };
    throw new RequestError("NOT_FOUND", `there is no promotion ${id}`, { help });
  }
  return { promotion, seen };
}

/** Whether a text from outside can be the id of a release or promotion at all. */
export function isResourceId(text: string): boolean {
  return /^[a-z][a-z0-9-]{0,62}$/.test(text);
}
