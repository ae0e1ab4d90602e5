import { realClock } from "../kit/clock.ts";
import { faultPlan } from "../kit/faults.ts";
import { memoryPersistence } from "../kit/persistence.ts";
import { keepPace } from "../kit/pace.ts";
import type { Publisher } from "../kit/publisher.ts";
import { type EmulatorOptions, type RunningServer, serve } from "../kit/server.ts";
import { ROUTES, RULES } from "./access-rules.ts";
import { addAdminRoutes } from "./admin-routes.ts";
import { addAlertRoutes } from "./alert-routes.ts";
import { toApis } from "./apis.ts";
import { addDashboardRoutes } from "./dashboards.ts";
import { controlIncidents, type Incidents } from "./incident-control.ts";
import { nextIncidentTime, settleIncidents } from "./incidents.ts";
import { notificationFaultPlan, type NotificationFaultPlan } from "./notification-faults.ts";
import { createProjects } from "./projects.ts";
import { clearState, emptyState, type Monitoring, restore, toStored } from "./state.ts";

/** How to start the emulator; everything may be left out. */
export type MonitoringOptions = EmulatorOptions & {
  /** Where notifications are published; without it they go nowhere. */
  readonly publisher?: Publisher | undefined;
  /** Project numbers by project id; a project that is not here gets a number derived from its id. */
  readonly projects?: Readonly<Record<string, string>> | undefined;
  /** What goes wrong with notifications from the start. */
  readonly notificationFaults?: NotificationFaultPlan | undefined;
};

/** The emulator while it runs. */
export type RunningMonitoring = RunningServer & {
  readonly incidents: Incidents;
  readonly notificationFaults: NotificationFaultPlan;
  /** Forgets everything. */
  readonly reset: () => void;
};

const PERSISTED_NAME = "monitoring";

/**
 * Starts an emulator of Cloud Monitoring's alerting on the loopback interface: policies and channels for
 * gRPC and REST, alerts for REST. What fell due while a persisted one was down is done at its start.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest
 * @throws Error when the port is taken.
 */
export async function startMonitoring(options: MonitoringOptions = {}): Promise<RunningMonitoring> {
  const { clock = realClock(), faults = faultPlan(), port, publisher } = options;
  const persistence = options.persistence ?? memoryPersistence();
  const notificationFaults = options.notificationFaults ?? notificationFaultPlan();
  const state = emptyState();
  const projects = createProjects(options.projects ?? {});
  restore(state, projects, persistence.load(PERSISTED_NAME));
  const monitoring: Monitoring = { state, projects, clock, publisher, notificationFaults };
  const pace = keepPace(clock, {
    settle: () => {
      settleIncidents(monitoring);
    },
    nextDueMs: () => nextIncidentTime(monitoring),
    keep: () => {
      persistence.changed(PERSISTED_NAME, () => toStored(state));
    },
  });
  const { changed } = pace;
  const incidents = controlIncidents(monitoring, changed);
  const server = await serve({
    apis: toApis(monitoring, changed),
    http: (app) => {
      addAlertRoutes(app, monitoring, faults);
      addDashboardRoutes(app, monitoring, { faults, changed });
      addAdminRoutes(app, incidents, notificationFaults);
    },
    guard: {
      access: options.access,
      service: "monitoring.googleapis.com",
      rules: RULES,
      routes: ROUTES,
    },
    clock,
    faults,
    port,
  });
  pace.advance();
  return {
    ...server,
    incidents,
    notificationFaults,
    reset: () => {
      clearState(state);
      changed();
    },
    close: async () => {
      pace.stop();
      await server.close();
      await persistence.flush();
    },
  };
}
