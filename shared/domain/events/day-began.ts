import { fact } from "../audit-record.ts";
import type { Backup } from "../backup.ts";
import { perform, putEnvironment, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import type { EnvironmentId } from "../ids.ts";
import { aboutHold } from "./hold.ts";
import type { Environment } from "../service.ts";
import { environmentState, findEnvironment, openPromotions } from "../state.ts";
import type { EnvironmentState, ServiceState } from "../state.ts";
import { after, days } from "../time.ts";

/** How old a hold is when its owner is first reminded of it; the reminder comes each day. */
export const REMIND_AFTER = days(1);

/** How many backups of one environment are removed at once, the oldest first; the next day removes more. */
const PRUNED_MAX = 20;

/** A day has begun: owners are reminded of their holds, and backups that nobody needs are removed. */
export function onDayBegan(change: Change): Change {
  const old = change.state.holds.filter(
    ({ createdAt }) => after(createdAt, REMIND_AFTER) <= change.now,
  );
  let next = record(
    change,
    ...old.map((hold) => fact("hold.reminded", "slipway", aboutHold(hold))),
  );
  for (const environment of next.state.service.environments) {
    next = prune(next, environment, environmentState(next.state, environment.id).backups);
  }
  return next;
}

/** Backups were found in the history that the state no longer remembers: the old ones among them are removed. */
export function onOldBackupsFound(
  change: Change,
  id: EnvironmentId,
  backups: readonly Backup[],
): Change {
  const environment = findEnvironment(change.state.service, id);
  return environment === null ? change : prune(change, environment, backups);
}

/** Removes Slipway's own backups that are older than the policy keeps them, once a newer one has succeeded. */
function prune(change: Change, environment: Environment, backups: readonly Backup[]): Change {
  const { backup } = environment.policy;
  const known = environmentState(change.state, environment.id);
  const [newest] = known.backups;
  if (backup === null || newest?.state !== "SUCCEEDED") {
    return change;
  }
  const needed = neededBackups(change.state, known);
  const expired = backups
    .filter(
      (old) =>
        old.promotion !== newest.promotion &&
        !needed.has(old.id) &&
        old.finishedAt !== null &&
        after(old.finishedAt, backup.retain) <= change.now,
    )
    .slice(-PRUNED_MAX);
  if (expired.length === 0) {
    return change;
  }
  const gone = new Set(expired.map(({ id }) => id));
  const kept = known.backups.filter(({ id }) => !gone.has(id));
  return perform(
    putEnvironment(change, environment.id, { backups: kept }),
    ...expired.flatMap(toRemoval),
  );
}

/** The backups that a rollback behind the floor needs, and those that an open promotion relies on or restores. */
function neededBackups(state: ServiceState, { floor }: EnvironmentState): ReadonlySet<string> {
  const open = openPromotions(state);
  return new Set([
    ...(floor?.backups ?? []).map(({ id }) => id),
    ...open.flatMap(({ backups }) => backups.map(({ id }) => id)),
    ...open.flatMap(({ restores }) => restores.map(({ backup }) => backup)),
  ]);
}

function toRemoval(backup: Backup): readonly {
  readonly kind: "remove-backup";
  readonly promotion: Backup["promotion"];
  readonly backup: string;
  readonly source: Backup["source"];
  readonly name: string;
}[] {
  const { id, promotion, source, name } = backup;
  return name === null ? [] : [{ kind: "remove-backup", promotion, backup: id, source, name }];
}
