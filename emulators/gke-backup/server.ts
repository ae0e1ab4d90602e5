import { realClock } from "../kit/clock.ts";
import { durationsOf, keepDues } from "../kit/pace.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { addContentRoutes } from "./content-routes.ts";
import { allDue } from "./progress.ts";
import { toMethods } from "./methods.ts";
import { type Durations, emptyState, type GkeBackup, type PlannedFailure } from "./state.ts";

export type { PlannedFailure } from "./state.ts";

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
  const state = keepMaps(options.persistence, PERSISTENCE_NAME, emptyState());
  const gke: GkeBackup = { state, durations: durationsOf(options, DURATIONS) };
  const pace = keepDues(clock, () => allDue(gke));
  const server = await serve({
    ...options,
    clock,
    state,
    pace,
    rest: toMethods(gke),
    http: (app) => addContentRoutes(app, gke),
    guard: { service: "gkebackup.googleapis.com" },
  });
  return {
    ...server,
    failNext: (failure) => {
      state.failures.set(failure.plan, failure);
    },
  };
}
