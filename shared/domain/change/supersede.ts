import { fact } from "../audit-record.ts";
import type { ReleaseId } from "../ids.ts";
import { isNewerIn } from "../newer.ts";
import { ended } from "../promotion.ts";
import type { Promotion } from "../promotion.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { environmentState, findEnvironment, openPromotions, releaseOf } from "../state.ts";
import { putPromotion, putRelease, record } from "./change.ts";
import type { Change } from "./change.ts";
import { keepIgnored } from "./ignored.ts";

/** Ends a promotion whose place another promotion takes, or for which a newer release left no place. */
export function supersede(change: Change, promotion: Promotion, why: string): Change {
  const end = ended(promotion, { state: "SUPERSEDED", message: why, at: change.now });
  return record(
    passRelease(putPromotion(keepPush(change, promotion, why), end), promotion.release),
    fact("promotion.superseded", "slipway", {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: why,
    }),
  );
}

/** Ends the waiting automatic promotions of releases that are older than a release that was pushed again. */
export function supersedeOlder(change: Change, environment: Environment, release: Release): Change {
  let next = change;
  for (const waiting of environmentState(change.state, environment.id).waiting) {
    const other = releaseOf(next.state, waiting.release);
    if (waiting.kind === "automatic" && isNewerIn(environment, release, other)) {
      next = supersede(
        next,
        waiting,
        `release ${release.id} was pushed again and runs there already`,
      );
    }
  }
  return next;
}

/**
 * A push that set the promotion off, and of which nothing comes therefore, is one of those that changed nothing. What
 * the first look finds, or the one after an apply, was there long before.
 */
function keepPush(change: Change, promotion: Promotion, reason: string): Change {
  const environment = findEnvironment(change.state.service, promotion.environment);
  const isEntry = environment?.stage === 0 || environment?.deploy.kind === "subscription";
  const isOld = promotion.requestedBy === "slipway" && change.state.lookedUpTo === null;
  if (promotion.kind !== "automatic" || !isEntry || isOld) {
    return change;
  }
  const { digest, tag } = releaseOf(change.state, promotion.release);
  return keepIgnored(change, { digest, tag, reason });
}

/** A release that was passed over before it got anywhere says so itself. */
function passRelease(change: Change, id: ReleaseId): Change {
  const release = releaseOf(change.state, id);
  const isOpen = openPromotions(change.state).some((promotion) => promotion.release === id);
  return release.state === "CREATED" && !isOpen
    ? putRelease(change, { ...release, state: "SUPERSEDED" })
    : change;
}
