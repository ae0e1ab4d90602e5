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

/** How long a release has soaked in an environment: it is what runs there, and it is proved. */
export type Soak = {
  /** Since when it soaks, without a break; null when it is not what runs, or is not proved. */
  readonly since: Instant | null;
  /** The longest time, among those that are over, for which it soaked. */
  readonly longest: Duration;
};

/** How long a release has soaked in an environment. During drift nothing soaks. */
export function soakIn(state: ServiceState, environment: EnvironmentId, release: Release): Soak {
  const { current, drift } = environmentState(state, environment);
  const proved = succeededIn(release, environment);
  const isThere = current !== null && current.release === release.id && drift === null;
  return {
    since: isThere && proved !== null ? instant(Math.max(current.steadySince, proved)) : null,
    longest: entryOf(release.soaked, environment) ?? duration(0),
  };
}

/** Ends the soak of what runs in an environment, because something else is about to run there. */
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
