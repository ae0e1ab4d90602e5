import { fact } from "../audit-record.ts";
import { putRelease, record, reply } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { isNewer, toRelease } from "../release.ts";
import type { Actor, Candidate, Release } from "../release.ts";
import { requestPromotion } from "../change/request.ts";
import type { Environment } from "../service.ts";
import { environmentState, IGNORED_MAX, releaseOf } from "../state.ts";

/**
 * An image that may become a release is in the registry. It becomes one, once, and sets off the
 * promotions that are automatic: into the first stage, and into environments that follow its tag.
 */
export function onImageFound(change: Change, candidate: Candidate, by: Actor): Change {
  const { service, releases } = change.state;
  const found = toRelease(service, candidate, { at: change.now, by });
  const known = releases[found.id];
  const release = known ?? found;
  let next = known === undefined ? addRelease(change, found) : change;
  for (const environment of service.environments) {
    if (
      isEntry(environment, candidate, known === undefined) &&
      !isThere(next, environment, release)
    ) {
      next = requestPromotion(next, {
        environment,
        release,
        kind: "automatic",
        by,
        reason: null,
        breakGlass: null,
        wait: true,
        restores: [],
      });
    }
  }
  return reply(next, { kind: "release", release: release.id });
}

function addRelease(change: Change, release: Release): Change {
  const recorded = record(
    putRelease(change, release),
    fact("release.created", release.createdBy, {
      release: release.id,
      details: {
        image: `${release.repository}@${release.digest}`,
        ...(release.tag === null ? {} : { tag: release.tag }),
        ...(release.commit === null ? {} : { commit: release.commit }),
      },
    }),
  );
  const { newest } = change.state;
  const isNewest = newest === null || isNewer(release, releaseOf(change.state, newest));
  return isNewest ? { ...recorded, state: { ...recorded.state, newest: release.id } } : recorded;
}

/** Whether an image goes into the environment by itself. A stage takes it once, a follower as often as the tag moves to it. */
function isEntry(environment: Environment, candidate: Candidate, isNew: boolean): boolean {
  switch (environment.deploy.kind) {
    case "rollout":
      return isNew && environment.stage === 0 && environment.policy.promotion === "automatic";
    case "subscription":
      return candidate.tag === environment.deploy.tag;
    case "manual":
      return false;
  }
}

function isThere(change: Change, environment: Environment, release: Release): boolean {
  return environmentState(change.state, environment.id).current?.release === release.id;
}

/** An image whose tag the policy refuses: recorded once, so that nobody wonders why nothing happened. */
export function onImageRefused(
  change: Change,
  image: { readonly digest: string; readonly tag: string; readonly reason: string },
): Change {
  const name = `${image.digest} ${image.tag}`;
  const { ignored } = change.state;
  if (ignored.includes(name)) {
    return change;
  }
  const remembered = [...ignored, name].slice(-IGNORED_MAX);
  return record(
    { ...change, state: { ...change.state, ignored: remembered } },
    fact("image.ignored", "slipway", {
      reason: image.reason,
      details: { digest: image.digest, tag: image.tag },
    }),
  );
}
