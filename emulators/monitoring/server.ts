import { realClock } from "../kit/clock.ts";
import { rowsOf } from "../kit/collection-methods.ts";
import { faultPlan } from "../kit/faults.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import { keepDues } from "../kit/pace.ts";
import type { Publisher } from "../kit/publisher.ts";
import { addRestTable } from "../kit/rest-table.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { incidentMethods, listAlerts } from "./alerts.ts";
import { dashboardCollection } from "./dashboards.ts";
import { closings, controlIncidents, type Incidents } from "./incidents.ts";
import { alertPolicies, notificationChannels, toApis } from "./resources.ts";
import type { Incident, Monitoring } from "./state.ts";

/** How to start the emulator; everything may be left out. */
export type MonitoringOptions = EmulatorOptions & {
  /** Where notifications are published; without it they go nowhere. */
  readonly publisher?: Publisher | undefined;
};

/** The emulator while it runs. */
export type RunningMonitoring = RunningServer & {
  readonly incidents: Incidents;
};

const PERSISTED_NAME = "monitoring";
/** What fault plans call the service. */
const DASHBOARDS = "google.monitoring.dashboard.v1.DashboardsService";

/**
 * Starts an emulator of Cloud Monitoring's alerting on the loopback interface: policies and channels for
 * gRPC and REST, alerts for REST. What fell due while a persisted one was down is done at its start.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest
 * @throws Error when the port is taken.
 */
export async function startMonitoring(options: MonitoringOptions = {}): Promise<RunningMonitoring> {
  const { clock = realClock(), publisher } = options;
  // The kinds look at all of it only when they are called.
  const whole = (): Monitoring => monitoring;
  const policies = alertPolicies(whole);
  const channels = notificationChannels(whole);
  const dashboards = dashboardCollection(whole);
  const own = { incidents: new Map<string, Incident>(), counts: new Map<"made", number>() };
  const state = keepMaps(options.persistence, PERSISTED_NAME, {
    ...own,
    policies: policies.records,
    channels: channels.records,
    dashboards: dashboards.records,
  });
  const monitoring: Monitoring = { ...own, policies, channels, clock, publisher };
  const { apis, rules } = toApis(policies, channels);
  const pace = keepDues(clock, () => closings(monitoring));
  const incidents = controlIncidents(monitoring, pace.changed);
  const server = await serve({
    ...options,
    clock,
    state,
    pace,
    apis,
    rest: [listAlerts(monitoring), ...rowsOf([dashboards], DASHBOARDS)],
    http: (app) => {
      // Nobody plans faults of these, and nobody's rights are asked.
      addRestTable(app, incidentMethods(incidents), {
        clock,
        faults: faultPlan(),
        guard: undefined,
      });
    },
    guard: { service: "monitoring.googleapis.com", rules },
  });
  return { ...server, incidents };
}
