import { longRunning, operationRow, rowsOf } from "../kit/collection-methods.ts";
import { realClock } from "../kit/clock.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { createOperations } from "../kit/operation.ts";
import { type Due, durationsOf, keepDues } from "../kit/pace.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { openBackupPlans } from "./backup-plans.ts";
import { type Backups, openBackups } from "./backups.ts";
import { addContent } from "./namespaces.ts";
import { openRestorePlans, openRestores } from "./restores.ts";
import type { GkeBackup, PlannedFailure } from "./state.ts";

const PACKAGE = "google.cloud.gkebackup.v1";
const PERSISTENCE_NAME = "gke-backup";
const DURATIONS = { operationMs: 500, backupMs: 2000, restoreMs: 2000 };

/** How the emulator runs; everything is optional. Durations are in milliseconds. */
export type GkeBackupOptions = EmulatorOptions & {
  /** How long an operation takes; 500 by default. */
  readonly operationMs?: number | undefined;
  /** How long a backup takes, from its creation to SUCCEEDED; 2000 by default. */
  readonly backupMs?: number | undefined;
  /** The same for a restore; 2000 by default. */
  readonly restoreMs?: number | undefined;
};

/** The emulator while it runs. */
export type RunningGkeBackup = RunningServer & {
  /** Lets the next backup or restore of a plan end in FAILED. */
  readonly failNext: (failure: PlannedFailure) => void;
};

/**
 * Starts an emulator of the Backup for GKE API, for REST alone: no package has its descriptors. What
 * was under way when a persisted one stopped goes on.
 * Source: https://cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest
 * @throws Error when the port is taken.
 */
export async function startGkeBackup(options: GkeBackupOptions = {}): Promise<RunningGkeBackup> {
  const clock = options.clock ?? realClock();
  const { persistence } = options;
  const operations = createOperations(clock, { persistence, name: PERSISTENCE_NAME });
  const durations = durationsOf(options, DURATIONS);
  const pace = keepDues(clock, () => allGone(backups));
  const { settle } = pace;
  const about = { package: PACKAGE, runMs: () => durations.operationMs, settle };
  const begin = longRunning(operations, about);
  const { now } = clock;
  const gke: GkeBackup = { contents: new Map(), failures: new Map(), durations, begin, now };
  const backupPlans = openBackupPlans(gke);
  const backups = openBackups(gke, backupPlans);
  const restorePlans = openRestorePlans(gke, backupPlans);
  const restores = openRestores(gke, { restorePlans, backups });
  const kinds = [backupPlans, backups, restorePlans, restores];
  const { contents, failures } = gke;
  const state = keepMaps(persistence, PERSISTENCE_NAME, {
    backupPlans: backupPlans.records,
    backups: backups.records,
    restorePlans: restorePlans.records,
    restores: restores.records,
    contents,
    failures,
  });
  const server = await serve({
    ...options,
    clock,
    state,
    pace,
    operations,
    rest: [
      ...rowsOf(kinds, `${PACKAGE}.BackupForGKE`),
      operationRow(operations, "gkebackup.operations.get"),
    ],
    http: (app) => addContent(app, gke),
    guard: { service: "gkebackup.googleapis.com" },
  });
  return {
    ...server,
    failNext: (failure) => {
      failures.set(failure.plan, failure);
    },
  };
}

/** A backup whose time is over, or that was deleted, is gone by itself. */
function* allGone({ records }: Backups): Generator<Due> {
  for (const { name, hidden } of records.values()) {
    const { goneMs: atMs } = hidden;
    if (atMs !== null) {
      yield { atMs, happen: () => void records.delete(name) };
    }
  }
}
