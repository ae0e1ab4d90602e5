import { randomUUID } from "node:crypto";
import { realClock } from "../kit/clock.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { durationsOf } from "../kit/pace.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { createApis, RULES } from "./apis.ts";
import { addContent } from "./instances.ts";
import { sqlErrorBodies } from "./sql-error.ts";
import type { CloudSql, PlannedFailure } from "./state.ts";

const PERSISTENCE_NAME = "cloud-sql";

const DURATIONS = { createMs: 1000, backupMs: 2000, restoreMs: 3000, changeMs: 500 };

/** How the emulator runs; everything is optional. Durations are in milliseconds. */
export type CloudSqlOptions = EmulatorOptions & {
  /** How long it takes to create an instance; 1000 by default. */
  readonly createMs?: number | undefined;
  /** How long a backup takes; 2000 by default. */
  readonly backupMs?: number | undefined;
  /** How long a restore takes; 3000 by default. */
  readonly restoreMs?: number | undefined;
  /** How long it takes to delete a backup; 500 by default. */
  readonly changeMs?: number | undefined;
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
  const sql: CloudSql = {
    state: {
      instances: new Map(),
      backupRuns: new Map(),
      operations: new Map(),
      failures: new Map(),
    },
    durations: durationsOf(options, DURATIONS),
  };
  const state = keepMaps(options.persistence, PERSISTENCE_NAME, sql.state);
  const server = await serve({
    ...options,
    clock,
    state,
    apis: createApis(sql),
    http: (app) => {
      app.use("*", sqlErrorBodies());
      addContent(app, sql, clock.now);
    },
    guard: { service: "sqladmin.googleapis.com", rules: RULES },
  });
  return {
    ...server,
    failNext: (failure) => {
      state.failures.set(randomUUID(), failure);
    },
  };
}
