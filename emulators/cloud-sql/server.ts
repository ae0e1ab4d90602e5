import { realClock } from "../kit/clock.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { durationsOf, keepDues } from "../kit/pace.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { RULES } from "./access-rules.ts";
import { createApis } from "./apis.ts";
import { addContentRoutes } from "./content-routes.ts";
import { allDue } from "./progress.ts";
import { sqlErrorBodies } from "./sql-error.ts";
import {
  countUp,
  type CloudSql,
  type Durations,
  emptyState,
  type PlannedFailure,
} from "./state.ts";

export type { PlannedFailure } from "./state.ts";

const PERSISTENCE_NAME = "cloud-sql";

const DURATIONS: Durations = {
  createMs: 1000,
  backupMs: 2000,
  restoreMs: 3000,
  changeMs: 500,
};

/** How the emulator runs; everything is optional. Durations are in milliseconds. */
export type CloudSqlOptions = EmulatorOptions & {
  /** How long it takes to create an instance; 1000 by default. */
  readonly createMs?: number | undefined;
  /** How long a backup takes; 2000 by default. */
  readonly backupMs?: number | undefined;
  /** How long a restore takes; 3000 by default. */
  readonly restoreMs?: number | undefined;
  /** How long any other operation takes; 500 by default. */
  readonly changeMs?: number | undefined;
  /** How old transaction logs are when point-in-time recovery can use them; 0 by default. */
  readonly logDelayMs?: number | undefined;
};

/** The emulator while it runs. */
export type RunningCloudSql = RunningServer & {
  /** Lets the next such operation fail. */
  readonly failNext: (failure: PlannedFailure) => void;
};

/**
 * Starts an emulator of the Cloud SQL Admin API, for gRPC and REST. What was under way when a
 * persisted one stopped goes on.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest
 * @throws Error when the port is taken.
 */
export async function startCloudSql(options: CloudSqlOptions = {}): Promise<RunningCloudSql> {
  const clock = options.clock ?? realClock();
  const state = keepMaps(options.persistence, PERSISTENCE_NAME, emptyState());
  const run: CloudSql = {
    state,
    durations: durationsOf(options, DURATIONS),
    logDelayMs: options.logDelayMs ?? 0,
  };
  const pace = keepDues(clock, () => allDue(run));
  const server = await serve({
    ...options,
    clock,
    state,
    pace,
    apis: createApis(run),
    http: (app) => {
      app.use("*", sqlErrorBodies());
      addContentRoutes(app, run);
    },
    guard: { service: "sqladmin.googleapis.com", rules: RULES },
  });
  return {
    ...server,
    failNext: (failure) => {
      state.failures.set(String(countUp(state, "failures")), failure);
    },
  };
}
