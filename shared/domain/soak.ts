import { putRelease } from "./change/change.ts";
import type { Change } from "./change/change.ts";
import { entryOf } from "./entry-of.ts";
import type { EnvironmentId } from "./ids.ts";
import { succeededIn } from "./release.ts";
import type { Release } from "./release.ts";
import { environmentState } from "./state.ts";
import type { ServiceState } from "./state.ts";
import { between, duration, instant } from "./time.ts";
import type { Duration, Instant } from "./time.ts";

/** How long a release has been proved and what runs in an environment. */
export type Soak = {
  /** Since when it has been, without a break; null when it is not what runs, or not proved. */
  readonly since: Instant | null;
  /** The longest time of those that are over. */
  readonly longest: Duration;
};

/** How long a release has soaked in an environment. What runs must be what is recorded. */
export function soakIn(state: ServiceState, environment: EnvironmentId, release: Release): Soak {
  const { current, drift } = environmentState(state, environment);
  const proved = succeededIn(release, environment);
  const isThere = current !== null && current.release === release.id && drift === null;
  return {
    since: isThere && proved !== null ? instant(Math.max(current.steadySince, proved)) : null,
    longest: entryOf(release.soaked, environment) ?? duration(0),
  };
}

/** What runs in an environment is about to be something else: the time for which it was there is over. */
export function endSoak(change: Change, environment: EnvironmentId): Change {
  const { current } = environmentState(change.state, environment);
  const release = current === null ? undefined : entryOf(change.state.releases, current.release);
  if (release === undefined) {
    return change;
  }
  const { since, longest } = soakIn(change.state, environment, release);
  const length = since === null ? duration(0) : between(since, change.now);
  return length <= longest
    ? change
    : putRelease(change, { ...release, soaked: { ...release.soaked, [environment]: length } });
}
