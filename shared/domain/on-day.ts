import { fact } from "./audit-record.ts";
import type { Backup } from "./backup.ts";
import { perform, putEnvironment, record } from "./change.ts";
import type { Change } from "./change.ts";
import { aboutHold } from "./on-hold.ts";
import type { Environment } from "./service.ts";
import { environmentState } from "./state.ts";
import { after, days } from "./time.ts";

/** After how long a hold's owner is reminded that it still stands, each day anew. */
export const REMIND_AFTER = days(1);

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
    next = prune(next, environment);
  }
  return next;
}

/** Removes our own backups past their time, but never the newest, and only while that one succeeded. */
function prune(change: Change, environment: Environment): Change {
  const { backup } = environment.policy;
  const { backups, floor } = environmentState(change.state, environment.id);
  const [newest] = backups;
  if (backup === null || newest?.state !== "SUCCEEDED") {
    return change;
  }
  const bound = new Set((floor?.backups ?? []).map(({ id }) => id));
  const expired = backups.filter(
    (old) =>
      old.promotion !== newest.promotion &&
      !bound.has(old.id) &&
      old.finishedAt !== null &&
      after(old.finishedAt, backup.retain) <= change.now,
  );
  if (expired.length === 0) {
    return change;
  }
  const kept = backups.filter((old) => !expired.includes(old));
  return perform(
    putEnvironment(change, environment.id, { backups: kept }),
    ...expired.flatMap(toRemoval),
  );
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
