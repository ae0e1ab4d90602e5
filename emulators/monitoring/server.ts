import { realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { keepDues } from "../kit/pace.ts";
import { numberFor } from "../kit/projects.ts";
import type { Publisher } from "../kit/publisher.ts";
import { addRestTable } from "../kit/rest-table.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { incidentMethods, listAlerts } from "./alerts.ts";
import { dashboardMethods } from "./dashboards.ts";
import { closings, controlIncidents, type Incidents } from "./incidents.ts";
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
};

const PERSISTED_NAME = "monitoring";

/**
 * Starts an emulator of Cloud Monitoring's alerting on the loopback interface: policies and channels for
 * gRPC and REST, alerts for REST. What fell due while a persisted one was down is done at its start.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest
 * @throws Error when the port is taken.
 */
export async function startMonitoring(options: MonitoringOptions = {}): Promise<RunningMonitoring> {
  const { clock = realClock(), publisher, projects = {} } = options;
  const state = keepMaps(options.persistence, PERSISTED_NAME, emptyState());
  const numberOf = (project: string): string => projects[project] ?? numberFor(project);
  const monitoring: Monitoring = { state, numberOf, clock, publisher };
  const pace = keepDues(clock, () => closings(monitoring));
  const incidents = controlIncidents(monitoring, pace.changed);
  const server = await serve({
    ...options,
    clock,
    state,
    pace,
    apis: toApis(monitoring),
    rest: [listAlerts(monitoring), ...dashboardMethods(monitoring)],
    http: (app) => {
      // Nobody plans faults of these, and nobody's rights are asked.
      addRestTable(app, incidentMethods(incidents), {
        clock,
        faults: faultPlan(),
        guard: undefined,
      });
    },
    guard: { service: "monitoring.googleapis.com", rules: RULES },
  });
  return { ...server, incidents };
}
