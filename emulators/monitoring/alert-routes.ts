import type { Context, Hono } from "hono";
import { type FaultPlan, runWithFaults } from "../kit/faults.ts";
import { badRequest } from "../kit/google-error.ts";
import { getAlert, listAlerts } from "./operations-alerts.ts";
import type { Monitoring } from "./state.ts";

/** What the fault plan calls the service that the routes stand for. */
const SERVICE = "google.monitoring.v3.AlertService";

const LIST_PARAMETERS = ["filter", "orderBy", "pageSize", "pageToken"] as const;

/** Parameters that every Google API takes. Source: https://cloud.google.com/apis/docs/system-parameters */
const SYSTEM_PARAMETERS: ReadonlySet<string> = new Set([
  "$alt",
  "$fields",
  "$prettyPrint",
  "$.xgafv",
  "access_token",
  "alt",
  "fields",
  "key",
  "prettyPrint",
  "quotaUser",
]);

const LIST_ALERTS = `${SERVICE}/ListAlerts`;
const GET_ALERT = `${SERVICE}/GetAlert`;

/**
 * Serves `projects.alerts`, which the descriptors of the client library do not have, over REST only.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alerts
 */
export function addAlertRoutes(app: Hono, monitoring: Monitoring, faults: FaultPlan): void {
  const { clock } = monitoring;
  faults.declare([LIST_ALERTS, GET_ALERT]);
  app.get("/v3/projects/:project/alerts", (c) =>
    runWithFaults({ faults, clock, method: LIST_ALERTS }, () => {
      const parent = `projects/${c.req.param("project")}`;
      return c.json(listAlerts(monitoring, { ...readParameters(c), parent }));
    }),
  );
  app.get("/v3/projects/:project/alerts/:alert", (c) =>
    runWithFaults({ faults, clock, method: GET_ALERT }, () => {
      const { project, alert } = c.req.param();
      return c.json(getAlert(monitoring, `projects/${project}/alerts/${alert}`));
    }),
  );
}

type ListParameters = {
  readonly filter?: string;
  readonly orderBy?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
};

function readParameters(c: Context): ListParameters {
  const parameters: Record<string, string | number> = {};
  for (const [name, value] of new URL(c.req.url).searchParams) {
    const field = LIST_PARAMETERS.find((one) => one === toCamelCase(name));
    if (field === undefined && !SYSTEM_PARAMETERS.has(name)) {
      throw badRequest(
        name,
        `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter.`,
      );
    }
    if (field !== undefined) {
      parameters[field] = field === "pageSize" ? Number(value) : value;
    }
  }
  return parameters;
}

function toCamelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
