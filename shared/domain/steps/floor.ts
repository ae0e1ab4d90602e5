import { entryOf } from "../entry-of.ts";
import { sourceName } from "../backup.ts";
import type { Backup, DataFloor } from "../backup.ts";
import { putEnvironment } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { EnvironmentId, PromotionId } from "../ids.ts";
import type { RestorePoint } from "../promotion.ts";
import { madeAt } from "../release.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { backupsBefore, environmentState } from "../state.ts";
import type { EnvironmentState, RollbackFloor } from "../state.ts";

/**
 * After a migration that cannot be undone, the releases before it no longer fit the data. A rollback to one
 * of them must take the data of that time back as well. Where the data has been
 * through a later migration, that one stands.
 */
export function raiseFloor(
  change: Change,
  at: {
    readonly environment: Environment;
    readonly release: Release;
    /** The promotion whose migration it is. */
    readonly promotion: PromotionId;
  },
): Change {
  const { environment, release, promotion } = at;
  const known = environmentState(change.state, environment.id);
  const own = backupsBefore(known, promotion);
  // A retry after the rollout runs the migration of a deployment that the promotion before it made.
  const isThere = own.length === 0 && known.current?.release === release.id;
  const backups = isThere ? backupsBefore(known, known.current.promotion) : own;
  const raised = { release: release.id, order: release.order, since: change.now, backups };
  const isRaised = known.floor === null || madeAt(known.floor.order) <= madeAt(raised.order);
  return isRaised ? putEnvironment(change, environment.id, { floor: raised }) : change;
}

/** What an environment's data has been through, for a backup that is taken now. A migration under way counts. */
export function floorOfData({ state, now }: Change, environment: EnvironmentId): DataFloor {
  const known = environmentState(state, environment);
  const { contract, floor } = known;
  const release = contract === null ? undefined : entryOf(state.releases, contract.release);
  const isBegun =
    contract !== null &&
    !contract.reversible &&
    (contract.startedBy !== null || contract.execution !== null);
  const standing = asData(floor);
  if (!isBegun || release === undefined) {
    return standing;
  }
  const { id, order } = release;
  const backups = backupsBefore(known, contract.promotion).map((backup) => backup.id);
  return higher(standing, { kind: "at", release: id, order, since: now, backups });
}

/**
 * While data comes back nobody can say which of the two is there, so the floor is the higher one of both. The
 * backups from before the restore say nothing of the data any more.
 */
export function beginRestored(
  change: Change,
  environment: EnvironmentId,
  points: readonly RestorePoint[],
): Change {
  const known = environmentState(change.state, environment);
  const floor = toFloor(known, highest(known.floor, points));
  return putEnvironment(change, environment, { floor, restoredAt: change.now });
}

/** The data is back: the floor is what it has been through, if it is all of the environment's data. */
export function endRestored(
  change: Change,
  environment: EnvironmentId,
  points: readonly RestorePoint[],
): Change {
  const known = environmentState(change.state, environment);
  const isAll = points.every(({ isDone }) => isDone) && covers(known, points);
  const data = highest(isAll ? null : known.floor, points);
  const floor = data.kind === "unknown" ? known.floor : toFloor(known, data);
  return putEnvironment(change, environment, { floor, restoredAt: change.now });
}

/** Whether the points write over all data that is known to be there. */
function covers({ floor, backups }: EnvironmentState, points: readonly RestorePoint[]): boolean {
  const [newest] = backups;
  const latest = backups.filter(({ promotion }) => promotion === newest?.promotion);
  const known = floor === null || floor.backups.length === 0 ? latest : floor.backups;
  const written = new Set(points.map(({ into }) => sourceName(into)));
  return known.every(({ source }) => written.has(sourceName(source)));
}

function highest(floor: RollbackFloor | null, points: readonly RestorePoint[]): DataFloor {
  return points.reduce<DataFloor>((most, point) => higher(most, point.floor), asData(floor));
}

/** What is not known counts as the highest. */
function higher(one: DataFloor, other: DataFloor): DataFloor {
  if (one.kind === "unknown" || other.kind === "none") {
    return one;
  }
  if (other.kind === "unknown" || one.kind === "none") {
    return other;
  }
  return madeAt(other.order) > madeAt(one.order) ? other : one;
}

function asData(floor: RollbackFloor | null): DataFloor {
  if (floor === null) {
    return { kind: "none" };
  }
  const { release, order, since, backups } = floor;
  return { kind: "at", release, order, since, backups: backups.map(({ id }) => id) };
}

/** The environment's floor. Only its own backups can bring its data back, so those of another one are left out. */
function toFloor(known: EnvironmentState, data: DataFloor): RollbackFloor | null {
  switch (data.kind) {
    case "none":
      return null;
    case "unknown":
      return known.floor;
    case "at": {
      const { release, order, since } = data;
      const own: readonly Backup[] = [...(known.floor?.backups ?? []), ...known.backups];
      const backups = data.backups.flatMap((id) => own.find((backup) => backup.id === id) ?? []);
      return { release, order, since, backups };
    }
  }
}
