import type { Change } from "../change/change.ts";
import type { Observation } from "../event.ts";
import { onEffectDone, onEffectFailed } from "./effect-ended.ts";
import { onOldBackupsFound } from "./day-began.ts";
import { onTagsObserved } from "./tags-observed.ts";
import { onImageGone } from "./image-gone.ts";
import { onIncidentsObserved, onIncidentsUnreadable } from "./incidents.ts";
import { onForeignRollout } from "./foreign-rollout.ts";
import { onProvenanceObserved } from "./provenance.ts";
import { onRunningObserved } from "./running.ts";
import { onBackupObserved, onDatabasesFound } from "../steps/backup.ts";
import { onExecutionObserved } from "../steps/migrate.ts";
import { onRestoreObserved } from "../steps/restore.ts";
import { onRolloutObserved } from "../steps/rollout.ts";
import { onProbeObserved } from "../steps/verify.ts";

/** Takes in what a look outside showed. */
export function onObservation(change: Change, event: Observation): Change {
  switch (event.kind) {
    case "rollout-observed":
      return onRolloutObserved(change, event.rollout);
    case "running-observed":
      return onRunningObserved(change, event);
    case "foreign-rollout-observed":
      return onForeignRollout(change, event.environment, event.rollout);
    case "databases-found":
      return onDatabasesFound(change, event);
    case "backup-observed":
      return onBackupObserved(change, event);
    case "registry-looked":
      return onRegistryLooked(change, event.upTo);
    case "old-backups-found":
      return onOldBackupsFound(change, event.environment, event.backups);
    case "execution-observed":
      return onExecutionObserved(change, event);
    case "restore-observed":
      return onRestoreObserved(change, event);
    case "probe-observed":
      return onProbeObserved(change, event);
    case "incidents-observed":
      return onIncidentsObserved(change, event.environment, event.open);
    case "incidents-unreadable":
      return onIncidentsUnreadable(change, event.environment, event.reason);
    case "tags-observed":
      return onTagsObserved(change, event);
    case "image-gone":
      return onImageGone(change, event.release);
    case "provenance-observed":
      return onProvenanceObserved(change, event.release, event.reading);
    case "effect-done":
      return onEffectDone(change, event.effect);
    case "effect-failed":
      return onEffectFailed(change, event);
  }
}

function onRegistryLooked(change: Change, upTo: string): Change {
  const { lookedUpTo } = change.state;
  return lookedUpTo !== null && lookedUpTo >= upTo
    ? change
    : { ...change, state: { ...change.state, lookedUpTo: upTo } };
}
