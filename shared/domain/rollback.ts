import type { Help, ReleaseThere } from "./next-step.ts";
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

/** Whether a rollback is safe, is safe only with its data, or would break something; and every reason. */
export type RollbackVerdict = {
  readonly verdict: "safe" | "needs-data-restore" | "unsafe";
  readonly release: ReleaseId | null;
  readonly reasons: readonly string[];
  /** The data that can come back with the release. */
  readonly points: readonly RestorePoint[];
  /** The moment of that data: what was written since would be lost. Null when there is no data to bring back. */
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
 * The release that a rollback leaves. While a rollout is under way it is the release on its way in, because part of
 * the traffic may have that already; otherwise it is the release that is recorded.
 */
export function releaseLeft(state: ServiceState, environment: Environment): ReleaseId | null {
  const { active, current } = environmentState(state, environment.id);
  const isArriving = active !== null && isForward(active.kind) && isAt(active, "rollout");
  return isArriving ? active.release : (current?.release ?? null);
}

/** Judges a rollback before anybody requests it. `hasImage` says whether the registry still has the image. */
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
  const migrated = floor?.release ?? "";
  const behind = isBehind
    ? [
        `the migration of release ${migrated} cannot be undone, so the data must go back with the release`,
      ]
    : [];
  const lost =
    isBehind && points.length === 0
      ? [`no backup from before the migration of release ${migrated} is known`]
      : [];
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
 * Whether the release is from before a migration that the data has been through: it was made or pushed before the
 * release that migrated. A tag that is put on it later does not make it newer for the data.
 */
export function isBehindFloor(floor: RollbackFloor | null, release: Release): boolean {
  return (
    floor !== null && (release.order < floor.order || madeAt(release.order) < madeAt(floor.order))
  );
}

/** How many of the backups that would come back are named. */
const BACKUPS_NAMED_MAX = 2;

/** What would be lost if a release went there with data that fits it; null where it fits the present data. */
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
    ? "no backup from before that migration is known, so no data fits it"
    : `a rollback with the data of backup ${nameSome(backups, BACKUPS_NAMED_MAX)} would lose all that was written since`;
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
          `release ${release.id} has never proved itself in ${environment.id}; promote it instead of rolling back to it`,
        ]
      : []),
    ...(hasImage
      ? []
      : [`the registry no longer has the image of release ${release.id}; push it again`]),
    ...(release.image.bad === null
      ? []
      : [
          `release ${release.id} was marked bad by ${release.image.bad.by}: ${release.image.bad.reason}`,
        ]),
    ...(left === release.id
      ? [`release ${release.id} is the one that the rollback would leave`]
      : []),
  ];
}

/** The data from before the current release; for a release behind the floor, from before the floor was raised. */
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

/** What helps where going back is safe only with the data from before. */
export function withData(there: ReleaseThere): Help {
  return { how: "bring its data back as well", step: { kind: "roll-back-with-data", ...there } };
}
