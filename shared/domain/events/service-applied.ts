import { fact } from "../audit-record.ts";
import { record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { onImageFound } from "./image.ts";
import { endPromotion } from "../change/end.ts";
import { toCandidate } from "../release.ts";
import type { Actor } from "../release.ts";
import type { Service } from "../service.ts";
import { findEnvironment, openPromotions, releaseOf } from "../state.ts";

/**
 * A specification was applied. Its policy holds from now on; when it changes what is deployed, the
 * newest image is released again under the new revision, as if it had just been pushed.
 */
export function onServiceApplied(change: Change, service: Service, by: Actor): Change {
  const before = change.state.service;
  if (change.state.appliedAt !== null && before.fingerprint === service.fingerprint) {
    return change;
  }
  const recorded = cancelOrphans(
    record(
      { ...change, state: { ...change.state, service, appliedAt: change.now } },
      fact("service.applied", by, { details: { revision: service.revision } }),
    ),
  );
  const { newest } = change.state;
  if (newest === null || before.revision === service.revision || before.image !== service.image) {
    return recorded;
  }
  return onImageFound(recorded, toCandidate(releaseOf(change.state, newest)), by);
}

/** What is open in an environment that the specification no longer has cannot go on. */
function cancelOrphans(change: Change): Change {
  let next = change;
  for (const promotion of openPromotions(change.state)) {
    if (findEnvironment(change.state.service, promotion.environment) === null) {
      const message = `the specification no longer has environment ${promotion.environment}`;
      next = endPromotion(next, promotion, { state: "CANCELLED", message, by: "slipway" });
    }
  }
  return next;
}
