import { sourceName } from "../backup.ts";
import { fact } from "../audit-record.ts";
import { perform, putPromotion, record } from "../change/change.ts";
import type { Change } from "../change/change.ts";
import { endPromotion } from "../change/end.ts";
import type { ServiceEvent } from "../event.ts";
import { isAt } from "../promotion.ts";
import type { RestorePoint } from "../promotion.ts";
import { environmentState } from "../state.ts";
import { beginRestored, endRestored } from "./floor.ts";
import { beginStep, finishStep, runOf } from "./run.ts";
import type { Run } from "./run.ts";

type RestoreObserved = Extract<ServiceEvent, { kind: "restore-observed" }>;

/** The step `restore`: the data of a backup replaces the present data, which was backed up just before. */
export function beginRestore(change: Change, run: Run): Change {
  const { promotion } = run;
  const effects = promotion.restores.map((point) => ({
    kind: "restore-backup" as const,
    promotion: promotion.id,
    point,
    mark: `${promotion.id}-${point.backup}`,
    since: change.now,
  }));
  const begun = beginRestored(change, promotion.environment, promotion.restores);
  return perform(beginStep(begun, promotion, "restore"), ...effects);
}

/** A restore was looked at. */
export function onRestoreObserved(change: Change, event: RestoreObserved): Change {
  const run = runOf(change, event.promotion);
  if (run === null || !isAt(run.promotion, "restore")) {
    return change;
  }
  const known = run.promotion.restores.find(({ backup }) => backup === event.backup);
  return known === undefined || known.isDone ? change : note(change, run, { known, event });
}

function note(
  change: Change,
  run: Run,
  { known, event }: { readonly known: RestorePoint; readonly event: RestoreObserved },
): Change {
  const { environment } = run.promotion;
  if (event.state === "FAILED") {
    const message = `the restore of ${sourceName(known.into)} failed: ${event.message ?? "no reason given"}; the backup that was taken just before it has the data`;
    const changed = beginRestored(change, environment, run.promotion.restores);
    return endPromotion(changed, run.promotion, { state: "FAILED", message, by: "slipway" });
  }
  const isDone = event.state === "SUCCEEDED";
  if (known.restore === event.restore && !isDone) {
    return change;
  }
  const seen: RestorePoint = { ...known, restore: event.restore, isDone };
  const restores = run.promotion.restores.map((point) =>
    point.backup === seen.backup ? seen : point,
  );
  const noted = putPromotion(change, { ...run.promotion, restores });
  return isDone
    ? finish(tell(endRestored(noted, environment, restores), run, seen), run, restores)
    : noted;
}

function finish(change: Change, run: Run, restores: readonly RestorePoint[]): Change {
  return restores.every(({ isDone }) => isDone)
    ? finishStep(change, { ...run.promotion, restores }, { name: "restore", message: null })
    : change;
}

function tell(change: Change, { promotion }: Run, point: RestorePoint): Change {
  const { floor } = environmentState(change.state, promotion.environment);
  return record(
    change,
    fact("restore.finished", promotion.requestedBy, {
      environment: promotion.environment,
      release: promotion.release,
      promotion: promotion.id,
      reason: promotion.reason,
      details: {
        backup: point.backup,
        from: sourceName(point.from),
        into: sourceName(point.into),
        ...(floor === null ? {} : { floor: floor.release }),
        ...(sourceName(point.from) === sourceName(point.into)
          ? {}
          : { warning: "data of another environment is now here" }),
      },
    }),
  );
}
