import { entryOf } from "../entry-of.ts";
import { sourceName } from "../backup.ts";
import type { Backup, DataFloor } from "../backup.ts";
import { begin, putEnvironment } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { EnvironmentId, PromotionId } from "../ids.ts";
import type { RestorePoint } from "../promotion.ts";
import { madeAt } from "../release.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { backupsBefore, environmentState } from "../state.ts";
import type { EnvironmentState, RollbackFloor, ServiceState } from "../state.ts";
import type { Instant } from "../time.ts";

/**
 * Raises the floor after a migration that cannot be undone: releases from before it no longer fit the data, so a
 * rollback to them must take the data back as well. A floor of a later migration stays.
 */
export function raiseFloor(
  change: Change,
  at: {
    readonly environment: Environment;
    readonly release: Release;
    /** The promotion to which the migration belongs. */
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

/** The state as it will be when the migration that waits in an environment has run. Null where none waits. */
export function afterContract(
  state: ServiceState,
  environment: Environment,
  now: Instant,
): ServiceState | null {
  const { contract } = environmentState(state, environment.id);
  const release = contract === null ? undefined : entryOf(state.releases, contract.release);
  if (contract === null || release === undefined) {
    return null;
  }
  const { promotion, reversible } = contract;
  return reversible
    ? state
    : raiseFloor(begin(state, now), { environment, release, promotion }).state;
}

/** Which migrations an environment's data has been through, for a backup taken now. A migration under way counts. */
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
 * While data comes back nobody can say whether the old or the new data is there, so the higher floor of both counts.
 * Backups from before the restore are of other data from now on.
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

/** The data is back: its floor is the environment's floor, if it is all of the environment's data. */
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

/** Whether the restored data replaces all data that is known to be in the environment. */
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

/** The higher floor of two. An unknown floor counts as the highest. */
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

/** The floor for an environment. Backups of another environment cannot bring its data back, so they are left out. */
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
