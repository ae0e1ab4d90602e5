import { succeededIn } from "../release.ts";
import { lossBehindFloor } from "../rollback.ts";
import { environmentState, stageBefore } from "../state.ts";
import type { GateContext } from "./context.ts";
import { closed, OPEN } from "./verdict.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Open once the release has succeeded in the stage before; always for a first stage. It is also closed to a release
 * from before a migration that the data has been through and that cannot be undone. Such a release goes there with its
 * own data, by a rollback, or not at all.
 */
export function judgeOrder({ state, environment, release }: GateContext): Verdict {
  const before = stageBefore(state.service, environment);
  if (before !== null && succeededIn(release, before.id) === null) {
    return closed(`release ${release.id} has not succeeded in ${before.id} yet`);
  }
  const loss = lossBehindFloor(state, environment, release);
  if (loss === null) {
    return OPEN;
  }
  const { floor } = environmentState(state, environment.id);
  return closed(
    `release ${release.id} does not fit the data in ${environment.id}: the migration of release ${floor?.release ?? ""} came after it and cannot be undone; ${loss}`,
  );
}
