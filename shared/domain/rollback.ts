import type { ReleaseId } from "./ids.ts";
import { dataMoment, isAt, isForward, toRestorePoint } from "./promotion.ts";
import type { RestorePoint } from "./promotion.ts";
import { madeAt, succeededIn } from "./release.ts";
import type { Release } from "./release.ts";
import type { Environment } from "./service.ts";
import { backupsBefore, environmentState } from "./state.ts";
import type { Deployment, RollbackFloor, ServiceState } from "./state.ts";
import { nameSome } from "./text.ts";
import type { Instant } from "./time.ts";
import { entryOf } from "./entry-of.ts";

/** Whether going back is safe, takes the data along, or would break something; and every reason. */
export type RollbackVerdict = {
  readonly verdict: "safe" | "needs-data-restore" | "unsafe";
  readonly release: ReleaseId | null;
  readonly reasons: readonly string[];
  /** The data that can come back with it. */
  readonly points: readonly RestorePoint[];
  /** The moment whose data that is: what was written since would be lost. Null when there is none. */
  readonly dataOf: Instant | null;
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
    return { verdict: "unsafe", release: null, reasons: [reason], points: [], dataOf: null };
  }
  const isBehind = isBehindFloor(floor, release);
  const points = pointsBack(state, environment, isBehind);
  const left = releaseLeft(state, environment);
  const unsafe = unsafeReasons({ release, hasImage, left, environment });
  const behind = isBehind
    ? [
        `the migration of release ${floor?.release ?? ""} cannot be undone, so the data must go back with the release`,
      ]
    : [];
  const lost =
    isBehind && points.length === 0 ? ["no backup from before that migration is known"] : [];
  const running =
    active === null ? [] : [`a rollback cancels promotion ${active.id}, which is in progress`];
  const blockers = [...unsafe, ...lost];
  const forward = isBehind ? ("needs-data-restore" as const) : ("safe" as const);
  return {
    verdict: blockers.length > 0 ? "unsafe" : forward,
    release: release.id,
    reasons: [...blockers, ...behind, ...running],
    points,
    dataOf: dataMoment(points),
  };
}

/**
 * Whether data has been through a migration that the release is from before: it was made before the release that
 * migrated, or pushed before it. A tag that is put on it later makes it no newer for the data.
 */
export function isBehindFloor(floor: RollbackFloor | null, release: Release): boolean {
  return (
    floor !== null && (release.order < floor.order || madeAt(release.order) < madeAt(floor.order))
  );
}

/** How many of the backups that would come back are named. */
const BACKUPS_NAMED_MAX = 2;

/** What taking a release there with data that fits it would lose; null where it fits the data that is there. */
export function lossBehindFloor(
  state: ServiceState,
  environment: Environment,
  release: Release,
): string | null {
  const { floor } = environmentState(state, environment.id);
  if (!isBehindFloor(floor, release)) {
    return null;
  }
  const backups = pointsBack(state, environment, true).map(({ backup }) => backup);
  return backups.length === 0
    ? "no backup from before that migration is known, so no data would fit it"
    : `with its data, of backup ${nameSome(backups, BACKUPS_NAMED_MAX)}, all that was written since that was taken would be lost`;
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
  isBehind: boolean,
): readonly RestorePoint[] {
  const known = environmentState(state, environment.id);
  const { current, floor } = known;
  const before = current === null ? [] : backupsBefore(known, current.promotion);
  const bound = isBehind && floor !== null ? floor.backups : before;
  return bound.flatMap((backup) => toRestorePoint(backup, backup.source) ?? []);
}
