import { longRunning, operationRow, recordsOf, rowsOf } from "../kit/collection-methods.ts";
import { realClock } from "../kit/clock.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { createOperations } from "../kit/operation.ts";
import { type Due, durationsOf, keepDues } from "../kit/pace.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { type BackupPlans, openBackupPlans } from "./backup-plans.ts";
import { type Backups, openBackups } from "./backups.ts";
import { addContentRoutes } from "./namespaces.ts";
import { openRestorePlans, type RestorePlans } from "./restore-plans.ts";
import { openRestores, type Restores } from "./restores.ts";
import { type Durations, type GkeBackup, movesOf, type PlannedFailure } from "./state.ts";

export type { PlannedFailure } from "./state.ts";

const PACKAGE = "google.cloud.gkebackup.v1";
const PERSISTENCE_NAME = "gke-backup";
const DURATIONS: Durations = { operationMs: 500, backupMs: 2000, restoreMs: 2000 };

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
  const pace = keepDues(clock, () => allDue(kinds));
  const { settle } = pace;
  const about = { package: PACKAGE, runMs: () => durations.operationMs, settle };
  const begin = longRunning(operations, about);
  const gke: GkeBackup = { contents: new Map(), failures: new Map(), durations, begin };
  const kinds = openKinds(gke);
  const all = Object.values(kinds);
  const { contents, failures } = gke;
  const state = keepMaps(persistence, PERSISTENCE_NAME, {
    ...recordsOf(all),
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
      ...rowsOf(all, `${PACKAGE}.BackupForGKE`),
      operationRow(operations, "gkebackup.operations.get"),
    ],
    http: (app) => addContentRoutes(app, gke),
    guard: { service: "gkebackup.googleapis.com" },
  });
  return {
    ...server,
    failNext: (failure) => {
      failures.set(failure.plan, failure);
    },
  };
}

type Kinds = {
  readonly backupPlans: BackupPlans;
  readonly backups: Backups;
  readonly restorePlans: RestorePlans;
  readonly restores: Restores;
};

function openKinds(gke: GkeBackup): Kinds {
  const backupPlans = openBackupPlans(gke);
  const backups = openBackups(gke, backupPlans);
  const restorePlans = openRestorePlans(gke, backupPlans);
  const restores = openRestores(gke, { restorePlans, backups });
  return { backupPlans, backups, restorePlans, restores };
}

/** All that is to happen by itself. */
function* allDue({ backupPlans, backups, restores }: Kinds): Generator<Due> {
  yield* movesOf(backupPlans);
  yield* movesOf(backups);
  yield* movesOf(restores);
}
