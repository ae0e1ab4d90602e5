import { entryOf } from "../entry-of.ts";
import { FAILURE_LENGTH_MAX } from "../failed-promotion.ts";
import type { EnvironmentId } from "../ids.ts";
import type { Promotion } from "../promotion.ts";
import { findEnvironment } from "../state.ts";
import { shorten } from "../text.ts";
import type { Change } from "./change.ts";

/**
 * Keeps which promotion failed and why, so that its environment can say so. A restore moves no release: it is not kept.
 * What failed where the specification has no environment any more is forgotten.
 */
export function noteFailure(
  change: Change,
  { id, kind, environment, release }: Promotion,
  message: string,
): Change {
  const tag = entryOf(change.state.releases, release)?.tag ?? null;
  const reason = shorten(message, FAILURE_LENGTH_MAX);
  const noted = { promotion: id, release, tag, at: change.now, reason };
  const still = Object.entries(change.state.failed).filter(
    ([at]) => findEnvironment(change.state.service, at) !== null,
  );
  const failed = { ...Object.fromEntries(still), [environment]: noted };
  return kind === "restore" ? change : { ...change, state: { ...change.state, failed } };
}

/** Forgets what failed in an environment, because something was deployed there. */
export function forgetFailure(change: Change, environment: EnvironmentId): Change {
  const { [environment]: over, ...failed } = change.state.failed;
  return over === undefined ? change : { ...change, state: { ...change.state, failed } };
}
