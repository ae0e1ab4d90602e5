import type { ReleaseId } from "./ids.ts";
import { isAt, isForward } from "./promotion.ts";
import type { RestorePoint } from "./promotion.ts";
import { succeededIn } from "./release.ts";
import type { Release } from "./release.ts";
import type { Environment } from "./service.ts";
import { backupsBefore, environmentState } from "./state.ts";
import type { Deployment, ServiceState } from "./state.ts";
import { entryOf } from "./entry-of.ts";

/** Whether going back is safe, takes the data along, or would break something; and every reason. */
export type RollbackVerdict = {
  readonly verdict: "safe" | "needs-data-restore" | "unsafe";
  readonly release: ReleaseId | null;
  readonly reasons: readonly string[];
  /** The data that can come back with it. */
  readonly points: readonly RestorePoint[];
};

/** The deployment that a rollback goes to by default: the newest proved one that is not bad. */
export function goBackTo(state: ServiceState, environment: Environment): Deployment | null {
  const { healthy, current } = environmentState(state, environment.id);
  const left = releaseLeft(state, environment);
  const before = current === null ? healthy : [current, ...healthy];
  return (
    before.find(({ release }) => {
      const known = entryOf(state.releases, release);
      const isProved = known !== undefined && succeededIn(known, environment.id) !== null;
      return release !== left && isProved && known.image.bad === null;
    }) ?? null
  );
}

/**
 * The release that a rollback leaves: the one on its way in while a rollout is under way, of which part of
 * the traffic may have it already; otherwise what runs.
 */
export function releaseLeft(state: ServiceState, environment: Environment): ReleaseId | null {
  const { active, current } = environmentState(state, environment.id);
  const isArriving = active !== null && isForward(active.kind) && isAt(active, "rollout");
  return isArriving ? active.release : (current?.release ?? null);
}

/** Judges a rollback before anybody presses the button. `hasImage`: the registry still has the image. */
export function judgeRollback(
  state: ServiceState,
  environment: Environment,
  wanted: { readonly release: Release | null; readonly hasImage: boolean },
): RollbackVerdict {
  const { release, hasImage } = wanted;
  const { floor, active } = environmentState(state, environment.id);
  if (release === null) {
    const reason = `no earlier release has proved itself in ${environment.id}`;
    return { verdict: "unsafe", release: null, reasons: [reason], points: [] };
  }
  const isBehindFloor = floor !== null && release.order < floor.order;
  const points = pointsBack(state, environment, isBehindFloor);
  const left = releaseLeft(state, environment);
  const unsafe = unsafeReasons({ release, hasImage, left, environment });
  const behind = isBehindFloor
    ? [
        `the migration of release ${floor.release} cannot be undone, so the data must go back with the release`,
      ]
    : [];
  const lost =
    isBehindFloor && points.length === 0 ? ["no backup from before that migration is known"] : [];
  const running =
    active === null ? [] : [`a rollback cancels promotion ${active.id}, which is in progress`];
  const blockers = [...unsafe, ...lost];
  const forward = isBehindFloor ? ("needs-data-restore" as const) : ("safe" as const);
  return {
    verdict: blockers.length > 0 ? "unsafe" : forward,
    release: release.id,
    reasons: [...blockers, ...behind, ...running],
    points,
  };
}

function unsafeReasons(at: {
  readonly release: Release;
  readonly hasImage: boolean;
  readonly left: ReleaseId | null;
  readonly environment: Environment;
}): readonly string[] {
  const { release, hasImage, left, environment } = at;
  return [
    ...(succeededIn(release, environment.id) === null
      ? [
          `release ${release.id} has never proved itself in ${environment.id}; promote it instead of going back to it`,
        ]
      : []),
    ...(hasImage ? [] : [`the registry no longer has the image of release ${release.id}`]),
    ...(release.image.bad === null
      ? []
      : [
          `release ${release.id} was marked bad by ${release.image.bad.by}: ${release.image.bad.reason}`,
        ]),
    ...(left === release.id ? [`release ${release.id} runs now`] : []),
  ];
}

/** The data as it was before the current release, or, behind the floor, before the release that raised it. */
function pointsBack(
  state: ServiceState,
  environment: Environment,
  isBehindFloor: boolean,
): readonly RestorePoint[] {
  const known = environmentState(state, environment.id);
  const { current, floor } = known;
  const before = current === null ? [] : backupsBefore(known, current.promotion);
  const bound = isBehindFloor && floor !== null ? floor.backups : before;
  return bound.flatMap(({ id, source, name, state: how }) =>
    name === null || how !== "SUCCEEDED"
      ? []
      : [{ backup: id, from: source, name, into: source, restore: null, isDone: false }],
  );
}
