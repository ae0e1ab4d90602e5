import { fact } from "../audit-record.ts";
import { putEnvironment, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { EnvironmentId } from "../ids.ts";
import { isUnderWay } from "../rollout.ts";
import type { ForeignRollout, RolloutView } from "../rollout.ts";
import { environmentState, findPromotion, FOREIGN_MAX } from "../state.ts";
import type { EnvironmentState } from "../state.ts";
import { shorten } from "../text.ts";
import type { Instant } from "../time.ts";

/** How much of a description the state keeps. */
const DESCRIPTION_LENGTH_MAX = 100;

/**
 * A rollout goes on or has ended in a target of ours that no open promotion asked for: somebody rolled back, forward
 * or took an old one up again. It is on the record when it is first known, and when it has ended.
 */
export function onForeignRollout(
  change: Change,
  environment: EnvironmentId,
  rollout: RolloutView,
): Change {
  const known = environmentState(change.state, environment);
  const before = known.foreign.find(({ id }) => id === rollout.id) ?? null;
  const isOurs = findPromotion(change.state, rollout.id) !== null || isSettled(known, rollout.id);
  if (
    isOurs ||
    before?.state === rollout.state ||
    (before === null && isPast(change, { environment, known, rollout }))
  ) {
    return change;
  }
  const { id, release, state } = rollout;
  const description = shorten(rollout.description, DESCRIPTION_LENGTH_MAX);
  const now: ForeignRollout = { id, release, state, description, since: change.now };
  const next = putEnvironment(change, environment, { foreign: remember(known.foreign, now) });
  const isNews = before === null || isUnderWay(before) !== isUnderWay(now);
  return isNews ? tell(next, environment, rollout) : next;
}

/** Whether the rollout made a deployment that is recorded: all that is to be known of it is. */
export function isSettled({ current, healthy }: EnvironmentState, rollout: string): boolean {
  const deployments = current === null ? healthy : [current, ...healthy];
  return deployments.some(({ promotion }) => promotion === rollout);
}

type Seen = {
  readonly environment: EnvironmentId;
  readonly known: EnvironmentState;
  readonly rollout: RolloutView;
};

/** What ended before the present deployment, or before anything was known of the service, changes nothing. */
function isPast({ state }: Change, { environment, known, rollout }: Seen): boolean {
  if (isUnderWay(rollout)) {
    return false;
  }
  // Our own that did not succeed was told of by its promotion.
  const isOwn = isOwnId(environment, rollout) && rollout.state !== "SUCCEEDED";
  return (
    isOwn || IDLE.has(rollout.state) || isBefore(rollout, known.current?.since ?? state.appliedAt)
  );
}

/** The states in which nothing was done, and nothing will be unless somebody approves. */
const IDLE: ReadonlySet<RolloutView["state"]> = new Set(["PENDING_APPROVAL", "APPROVAL_REJECTED"]);

function isBefore({ endedAt, createdAt }: RolloutView, since: Instant | null): boolean {
  const at = endedAt ?? createdAt;
  return since !== null && at !== null && at <= since;
}

/** Whether the id is of the form that promotions give theirs. */
function isOwnId(environment: EnvironmentId, { id, release }: RolloutView): boolean {
  const prefix = `${release}-to-${environment}-`;
  return id.startsWith(prefix) && /^\d{4,}$/.test(id.slice(prefix.length));
}

/** Those that have ended make way first. */
function remember(
  before: readonly ForeignRollout[],
  now: ForeignRollout,
): readonly ForeignRollout[] {
  const all = [now, ...before.filter(({ id }) => id !== now.id)];
  const open = all.filter(isUnderWay);
  const over = all.filter((rollout) => !isUnderWay(rollout));
  return [...open, ...over].slice(0, FOREIGN_MAX);
}

function tell(change: Change, environment: EnvironmentId, rollout: RolloutView): Change {
  const { id, release, state, rawState, description } = rollout;
  const what = isUnderWay(rollout) ? "is under way" : `ended ${state}`;
  return record(
    change,
    fact("rollout.foreign", "cloud-deploy", {
      environment,
      reason: `rollout ${id} of release ${release} ${what}, and no promotion asked for it`,
      details: { rollout: id, release, state: rawState, target: rollout.target, description },
    }),
  );
}
