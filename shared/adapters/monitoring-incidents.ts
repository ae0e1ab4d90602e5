import type { Severity } from "../domain/policy.ts";
import { instant } from "../domain/time.ts";
import type { Incidents, OpenIncident } from "../ports/incidents.ts";
import { AlertPage } from "../wire/alert.ts";
import type { Alert } from "../wire/alert.ts";
import { restClient } from "./rest-client.ts";
import { listPages } from "./rest-pages.ts";

/** Where Cloud Monitoring is: `http://HOST:PORT` without credentials, or null for Google's. */
export type MonitoringOptions = { readonly endpoint: string | null };

/** What one call lists; the service allows no more. */
const PAGE_SIZE = 1000;

const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ["CRITICAL", "CRITICAL"],
  ["ERROR", "ERROR"],
  ["WARNING", "WARNING"],
]);

/**
 * Incidents by Cloud Monitoring's list of alerts, which its client library does not have.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alerts/list
 */
export function monitoringIncidents({ endpoint }: MonitoringOptions): Incidents {
  const call = restClient({
    endpoint,
    service: "https://monitoring.googleapis.com",
    scope: "https://www.googleapis.com/auth/monitoring.read",
  });
  return {
    listOpen: async (project) => {
      const resource = `projects/${project}/alerts`;
      const alerts = await listPages(resource, async (pageToken) => {
        const query = { filter: 'state="OPEN"', pageSize: String(PAGE_SIZE), pageToken };
        const page = AlertPage.parse(await call({ path: `/v3/${resource}`, query }));
        return { items: page.alerts, nextPageToken: page.nextPageToken };
      });
      // One whose state is not known may be open.
      return alerts.filter(({ state }) => state !== "CLOSED").map(toIncident);
    },
  };
}

function toIncident({ name, openTime, policy }: Alert): OpenIncident {
  const { displayName, severity, userLabels } = policy;
  return {
    id: name.slice(name.lastIndexOf("/") + 1),
    policy: displayName,
    severity: SEVERITIES.get(severity) ?? "UNKNOWN",
    openedAt: instant(Date.parse(openTime)),
    service: userLabels["service"] ?? null,
    environment: userLabels["environment"] ?? null,
  };
}
