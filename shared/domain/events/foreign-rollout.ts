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
 * A rollout that no open promotion asked for is under way, or has ended, in a target of ours: somebody used Cloud
 * Deploy by hand. The record says so when the rollout is first known, and when it has ended.
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

/** Whether the rollout made a deployment that is recorded, so that there is nothing more to know of it. */
export function isSettled({ current, healthy }: EnvironmentState, rollout: string): boolean {
  const deployments = current === null ? healthy : [current, ...healthy];
  return deployments.some(({ promotion }) => promotion === rollout);
}

type Seen = {
  readonly environment: EnvironmentId;
  readonly known: EnvironmentState;
  readonly rollout: RolloutView;
};

/**
 * Whether the rollout ended before the present deployment, or before the service was known: then it changes nothing.
 */
function isPast({ state }: Change, { environment, known, rollout }: Seen): boolean {
  if (isUnderWay(rollout)) {
    return false;
  }
  // If it was Slipway's own and did not succeed, its promotion is on the record.
  const isOwn = isOwnId(environment, rollout) && rollout.state !== "SUCCEEDED";
  return (
    isOwn || IDLE.has(rollout.state) || isBefore(rollout, known.current?.since ?? state.appliedAt)
  );
}

/** The states of rollouts that did nothing, and will do nothing unless somebody approves them. */
const IDLE: ReadonlySet<RolloutView["state"]> = new Set(["PENDING_APPROVAL", "APPROVAL_REJECTED"]);

function isBefore({ endedAt, createdAt }: RolloutView, since: Instant | null): boolean {
  const at = endedAt ?? createdAt;
  return since !== null && at !== null && at <= since;
}

/** Whether the rollout's id has the form of a promotion's id. */
function isOwnId(environment: EnvironmentId, { id, release }: RolloutView): boolean {
  const prefix = `${release}-to-${environment}-`;
  return id.startsWith(prefix) && /^\d{4,}$/.test(id.slice(prefix.length));
}

/** The list with the rollout at its newest. If it is full, rollouts that have ended make way first. */
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
