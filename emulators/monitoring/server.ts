import { realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import { clearRecords, keepMaps } from "../kit/kept-maps.ts";
import { keepPace } from "../kit/pace.ts";
import { numberFor } from "../kit/projects.ts";
import type { Publisher } from "../kit/publisher.ts";
import { addRestTable } from "../kit/rest-table.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { incidentMethods, listAlerts } from "./alerts.ts";
import { dashboardMethods } from "./dashboards.ts";
import {
  controlIncidents,
  type Incidents,
  nextIncidentTime,
  settleIncidents,
} from "./incidents.ts";
import { RULES, toApis } from "./resources.ts";
import { emptyState, type Monitoring } from "./state.ts";

/** How to start the emulator; everything may be left out. */
export type MonitoringOptions = EmulatorOptions & {
  /** Where notifications are published; without it they go nowhere. */
  readonly publisher?: Publisher | undefined;
  /** Project numbers by project id; a project that is not here gets a number derived from its id. */
  readonly projects?: Readonly<Record<string, string>> | undefined;
};

/** The emulator while it runs. */
export type RunningMonitoring = RunningServer & {
  readonly incidents: Incidents;
  /** Forgets everything. */
  readonly reset: () => void;
};

const SERVICE = "monitoring.googleapis.com";
const PERSISTED_NAME = "monitoring";

/**
 * Starts an emulator of Cloud Monitoring's alerting on the loopback interface: policies and channels for
 * gRPC and REST, alerts for REST. What fell due while a persisted one was down is done at its start.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest
 * @throws Error when the port is taken.
 */
export async function startMonitoring(options: MonitoringOptions = {}): Promise<RunningMonitoring> {
  const { clock = realClock(), faults = faultPlan(), port, publisher } = options;
  const { persistence } = options;
  const state = emptyState();
  keepMaps(persistence, PERSISTED_NAME, state);
  const numberOf = (project: string): string => options.projects?.[project] ?? numberFor(project);
  const monitoring: Monitoring = { state, numberOf, clock, publisher };
  const pace = keepPace(clock, {
    settle: () => {
      settleIncidents(monitoring);
    },
    nextDueMs: () => nextIncidentTime(monitoring),
  });
  const { changed } = pace;
  const incidents = controlIncidents(monitoring, changed);
  const { access } = options;
  const guard = access === undefined ? undefined : { access, service: SERVICE };
  const server = await serve({
    apis: toApis(monitoring, changed),
    persistence,
    http: (app) => {
      const methods = [listAlerts(monitoring), ...dashboardMethods(monitoring)];
      addRestTable(app, methods, { clock, faults, guard });
      // Nobody plans faults of these, and nobody's rights are asked.
      const around = { clock, faults: faultPlan(), guard: undefined };
      addRestTable(app, incidentMethods(incidents), around);
    },
    guard: { access, service: SERVICE, rules: RULES },
    clock,
    faults,
    port,
  });
  pace.advance();
  return {
    ...server,
    incidents,
    reset: () => {
      clearRecords(state);
      changed();
    },
    close: async () => {
      pace.stop();
      await server.close();
    },
  };
}
