import { noRelease } from "../refusal.ts";
import { refuse, reply } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { endPromotion } from "../change/end.ts";
import type { ServiceEvent } from "../event.ts";
import type { PromotionId, ReleaseId } from "../ids.ts";
import { isAt } from "../promotion.ts";
import type { Actor } from "../release.ts";
import { requestPromotion } from "../change/request.ts";
import { followedRelease } from "../followed.ts";
import type { Environment } from "../service.ts";
import { environmentState, findEnvironment, findPromotion, stageBefore } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { stopRollout } from "../steps/steer.ts";
import { runOf } from "../steps/run.ts";
import { entryOf } from "../entry-of.ts";

/** Advice for somebody who knows that something else runs than Slipway saw last. */
export const LOOKS_ON =
  ". If somebody has changed what runs there, ask again in a moment: it is being looked at";

type PromotionRequested = Extract<ServiceEvent, { kind: "promotion-requested" }>;

/** A person asks for a promotion. */
export function onPromotionRequested(change: Change, event: PromotionRequested): Change {
  const { service, releases } = change.state;
  const environment = findEnvironment(service, event.environment);
  if (environment === null) {
    const names = service.environments.map(({ id }) => id).join(", ");
    const message = `service ${service.id} has no environment ${event.environment}; it has ${names}`;
    return refuse(change, { kind: "not-found", message });
  }
  const id = event.release ?? defaultRelease(change.state, environment);
  if (id === null) {
    return refuse(change, { kind: "conflict", message: nothingToPromote(change, environment) });
  }
  const release = entryOf(releases, id);
  if (release === undefined) {
    return refuse(change, noRelease(service.id, id));
  }
  const { current, drift } = environmentState(change.state, environment.id);
  if (current?.release === id && drift === null) {
    const message = `${environment.id} already runs release ${id}; nothing to promote${LOOKS_ON}`;
    return refuse(change, { kind: "conflict", message });
  }
  const { by, reason, breakGlass, wait } = event;
  return requestPromotion(change, {
    environment,
    release,
    kind: "manual",
    by,
    reason,
    breakGlass,
    wait,
    restores: [],
  });
}

/**
 * The release in the stage before; for a first stage, the newest. An environment with a tag gets what its tag is on,
 * never the newest push of any tag: as far as the state knows it where a tag is followed, and otherwise it is looked up
 * before anything is asked for.
 */
export function defaultRelease(state: ServiceState, environment: Environment): ReleaseId | null {
  const { deploy } = environment;
  if (deploy.kind !== "rollout") {
    return deploy.kind === "subscription" ? followedRelease(state, deploy.tag) : null;
  }
  const before = stageBefore(state.service, environment);
  if (before === null) {
    return state.newest;
  }
  return environmentState(state, before.id).current?.release ?? null;
}

function nothingToPromote(change: Change, environment: Environment): string {
  if (environment.deploy.kind !== "rollout") {
    return `${environment.id} is deployed from the tag ${environment.deploy.tag}; name a release, or push that tag`;
  }
  const before = stageBefore(change.state.service, environment);
  return before === null
    ? `service ${change.state.service.id} has no release yet; push an image first`
    : `nothing has been deployed to ${before.id} yet, so there is nothing to promote to ${environment.id}`;
}

/** A person cancels a promotion. It ends at once, or as soon as its rollout has stopped. */
export function onCancellationRequested(
  change: Change,
  request: { readonly promotion: PromotionId; readonly by: Actor; readonly reason: string | null },
): Change {
  const promotion = findPromotion(change.state, request.promotion);
  if (promotion === null) {
    const message = `promotion ${request.promotion} has ended or does not exist, so it cannot be cancelled`;
    return refuse(change, { kind: "conflict", message });
  }
  const message = request.reason === null ? `cancelled by ${request.by}` : request.reason;
  const answer = { kind: "promotion" as const, promotion: promotion.id };
  if (promotion.state === "WAITING") {
    const end = { state: "CANCELLED" as const, message, by: request.by };
    return reply(endPromotion(change, promotion, end), answer);
  }
  if (promotion.isStopping) {
    return reply(change, answer);
  }
  const run = runOf(change, promotion.id);
  if (run !== null && isAt(promotion, "rollout")) {
    const stopped = stopRollout(change, run, `being cancelled by ${request.by}`);
    return reply(stopped, answer);
  }
  const end = { state: "CANCELLED" as const, message, by: request.by };
  return reply(endPromotion(change, promotion, end), answer);
}
