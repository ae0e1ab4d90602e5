import { z } from "zod";
import { needs } from "../kit/access/rules.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import { getAlert, listAlerts } from "./operations-alerts.ts";
import type { Monitoring } from "./state.ts";

/** What the fault plan calls the service. */
const SERVICE = "google.monitoring.v3.AlertService";

const ListAlerts = z.strictObject({
  parent: z.string(),
  filter: z.string().optional(),
  orderBy: z.string().optional(),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
});

/**
 * `projects.alerts`, which the descriptors of the client library do not have, over REST only.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alerts
 */
export function alertMethods(monitoring: Monitoring): readonly RestMethod[] {
  return [
    {
      name: `${SERVICE}/ListAlerts`,
      at: ["GET", "/v3/{parent=projects/*}/alerts"],
      needs: needs("monitoring.alerts.list", "parent"),
      takes: taking(ListAlerts, (request) => listAlerts(monitoring, request)),
    },
    {
      name: `${SERVICE}/GetAlert`,
      at: ["GET", "/v3/{name=projects/*/alerts/*}"],
      needs: needs("monitoring.alerts.get", "name"),
      takes: taking(z.strictObject({ name: z.string() }), ({ name }) => getAlert(monitoring, name)),
    },
  ];
}
