import type { Severity } from "../domain/policy.ts";
import { scopingProjectOf, UNSCOPED } from "../domain/scoping.ts";
import type { Scoping } from "../domain/scoping.ts";
import { instant } from "../domain/time.ts";
import type { Incidents, OpenIncident } from "../ports/incidents.ts";
import { AlertPage } from "../wire/alert.ts";
import type { Alert } from "../wire/alert.ts";
import { restClient } from "./rest-client.ts";
import { listPages } from "./rest-pages.ts";

/** Where Cloud Monitoring is, and which projects have the alerts of others. */
export type MonitoringOptions = {
  /** `http://HOST:PORT` without credentials, or null for Google's. */
  readonly endpoint: string | null;
  readonly scoping?: Scoping;
};

/** What one call lists; the service allows no more. */
const PAGE_SIZE = 1000;

const SEVERITIES: ReadonlyMap<string, Severity> = new Map([
  ["CRITICAL", "CRITICAL"],
  ["ERROR", "ERROR"],
  ["WARNING", "WARNING"],
]);

/** Slipway's labels, and those that the Managed Services Platform gives its policies. */
const SERVICE_LABELS = ["service", "msp_service_id"];
const ENVIRONMENT_LABELS = ["environment", "msp_environment_id"];

/**
 * Incidents by Cloud Monitoring's list of alerts, which its client library does not have. A project's alerts are in the
 * project and, where it has another scoping project, in that one too.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alerts/list
 */
export function monitoringIncidents({
  endpoint,
  scoping = UNSCOPED,
}: MonitoringOptions): Incidents {
  const call = restClient({
    endpoint,
    service: "https://monitoring.googleapis.com",
    scope: "https://www.googleapis.com/auth/monitoring.read",
  });
  const list = async (project: string): Promise<readonly Alert[]> => {
    const resource = `projects/${project}/alerts`;
    const alerts = await listPages(resource, async (pageToken) => {
      const query = { filter: 'state="OPEN"', pageSize: String(PAGE_SIZE), pageToken };
      const page = AlertPage.parse(await call({ path: `/v3/${resource}`, query }));
      return { items: page.alerts, nextPageToken: page.nextPageToken };
    });
    // One whose state is not known may be open.
    return alerts.filter(({ state }) => state !== "CLOSED");
  };
  return {
    listOpen: async (project) => {
      const scope = scopingProjectOf(scoping, project);
      if (scope === project) {
        return (await list(project)).map(toIncident);
      }
      const [own, shared] = await Promise.all([list(project), list(scope)]);
      return [...own, ...shared.filter((alert) => mayConcern(alert, project))].map(toIncident);
    },
  };
}

/**
 * Whether an alert of a scoping project may be about one of the projects that it watches over. The labels of its policy
 * say so, or the project of what is unwell. Where neither is known it may be about any.
 */
function mayConcern({ policy, resource }: Alert, project: string): boolean {
  const isNamed =
    labelIn(policy, SERVICE_LABELS) !== null && labelIn(policy, ENVIRONMENT_LABELS) !== null;
  const unwell = resource.labels["project_id"] ?? null;
  return isNamed || unwell === null || unwell === project;
}

function toIncident({ name, openTime, policy }: Alert): OpenIncident {
  return {
    id: name.slice(name.lastIndexOf("/") + 1),
    policy: policy.displayName,
    severity: SEVERITIES.get(policy.severity) ?? "UNKNOWN",
    openedAt: instant(Date.parse(openTime)),
    service: labelIn(policy, SERVICE_LABELS),
    environment: labelIn(policy, ENVIRONMENT_LABELS),
  };
}

function labelIn({ userLabels }: Alert["policy"], keys: readonly string[]): string | null {
  return keys.flatMap((key) => userLabels[key] ?? [])[0] ?? null;
}
