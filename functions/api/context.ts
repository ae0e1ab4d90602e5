import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import { isAllowed, toActor } from "../../shared/app/access.ts";
import type { Action, Caller } from "../../shared/app/access.ts";
import { asPromotionId, serviceId } from "../../shared/domain/ids.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { Actor } from "../../shared/domain/release.ts";
import type { Environment, Service } from "../../shared/domain/service.ts";
import { findEnvironment } from "../../shared/domain/state.ts";
import type { SeenService } from "../../shared/ports/store.ts";
import type { Wiring } from "../wiring.ts";
import { ApiError } from "./errors.ts";

/** What a request carries with it once its caller is known. */
export type ApiEnvironment = {
  readonly Bindings: { readonly incoming: IncomingMessage };
  readonly Variables: { readonly wiring: Wiring; readonly caller: Caller };
};

/** A request on its way through the API. */
export type ApiContext = Context<ApiEnvironment>;

/** The caller as a record names them. */
export function actorOf(context: ApiContext): Actor {
  return toActor(context.get("caller"));
}

/** @throws ApiError PERMISSION_DENIED when the caller may not do it. */
export async function permit(context: ApiContext, action: Action): Promise<void> {
  const { ports, config } = context.get("wiring");
  const caller = context.get("caller");
  if (!(await isAllowed(ports, config.access, { caller, action }))) {
    const what = action.kind.replaceAll("-", " ");
    throw new ApiError(
      "PERMISSION_DENIED",
      `${caller.email} may not ${what}${placeOf(action)}; ask whoever runs this installation, or see delivery.environments.*.access in service.yaml`,
    );
  }
}

/** Whether the caller counts as on-call in all of these environments; without any, in the installation. */
export async function isOncall(
  context: ApiContext,
  environments: readonly Environment[],
): Promise<boolean> {
  const { ports, config } = context.get("wiring");
  const caller = context.get("caller");
  const places = environments.map((environment) => ({ kind: "break-glass" as const, environment }));
  const actions: readonly Action[] = [{ kind: "be-oncall" }, ...places];
  const answers = await Promise.all(
    actions.map(async (action) => isAllowed(ports, config.access, { caller, action })),
  );
  const [isOnDuty = false, ...there] = answers;
  return isOnDuty || (there.length > 0 && there.every(Boolean));
}

function placeOf(action: Action): string {
  return "environment" in action ? ` in ${action.environment.id}` : "";
}

/** @throws ApiError NOT_FOUND when there is no such service. */
export async function serviceNamed(context: ApiContext, id: string): Promise<SeenService> {
  const { ports } = context.get("wiring");
  const seen = isServiceId(id) ? await ports.store.read(serviceId(id)) : null;
  if (seen === null) {
    const message = `there is no service ${id}; list them with GET /v1/services`;
    throw new ApiError("NOT_FOUND", message);
  }
  return seen;
}

function isServiceId(text: string): boolean {
  return /^[a-z0-9-]{1,20}$/.test(text);
}

/** @throws ApiError NOT_FOUND when the service has no such environment. */
export function environmentNamed(service: Service, id: string): Environment {
  const environment = findEnvironment(service, id);
  if (environment === null) {
    const names = service.environments.map((other) => other.id).join(", ");
    const message = `service ${service.id} has no environment ${id}; it has ${names}`;
    throw new ApiError("NOT_FOUND", message);
  }
  return environment;
}

/** @throws ApiError NOT_FOUND when there is no such service, or it has no such environment. */
export async function placeNamed(
  context: ApiContext,
  place: { readonly service: string; readonly environment: string },
): Promise<{ readonly seen: SeenService; readonly environment: Environment }> {
  const seen = await serviceNamed(context, place.service);
  return { seen, environment: environmentNamed(seen.state.service, place.environment) };
}

/** @throws ApiError NOT_FOUND when there is no such promotion. */
export async function promotionNamed(context: ApiContext, id: string): Promise<Promotion> {
  const { ports } = context.get("wiring");
  const promotion = isResourceId(id) ? await ports.store.promotion(asPromotionId(id)) : null;
  if (promotion === null) {
    throw new ApiError("NOT_FOUND", `there is no promotion ${id}`);
  }
  return promotion;
}

/** Whether a text from outside can be the id of a release or promotion at all. */
export function isResourceId(text: string): boolean {
  return /^[a-z][a-z0-9-]{0,62}$/.test(text);
}
