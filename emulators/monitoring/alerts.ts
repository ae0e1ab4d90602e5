import { z } from "zod";
import { anybodyKnown, needs } from "../kit/access/rules.ts";
import type { Message } from "../kit/call.ts";
import { toTimestamp } from "../kit/clock.ts";
import { parseFilter } from "../kit/filter.ts";
import { paginate } from "../kit/page.ts";
import { type RestMethod, taking } from "../kit/rest-table.ts";
import type { Incidents } from "./incidents.ts";
import { resourceOf } from "./notification.ts";
import { checkProject, type Incident, type Monitoring } from "./state.ts";

const PAGES = { defaultSize: 50, maxSize: 1_000 };

const ListAlerts = z.strictObject({
  parent: z.string(),
  filter: z.string().default(""),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
});

/**
 * `projects.alerts.list`, which the descriptors of the client library do not have, over REST only; newest first.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alerts/list
 */
export function listAlerts({ incidents }: Monitoring): RestMethod {
  return {
    name: "google.monitoring.v3.AlertService/ListAlerts",
    at: ["GET", "/v3/{parent=projects/*}/alerts"],
    needs: needs("monitoring.alerts.list", "parent"),
    takes: taking(ListAlerts, ({ parent, filter, ...page }) => {
      checkProject(parent);
      const found = [...incidents.values()]
        .toReversed()
        .filter(({ project }) => parent === `projects/${project}`)
        .map(toAlert)
        .filter(parseFilter(filter));
      const { items, nextPageToken } = paginate(found, page, PAGES);
      return { alerts: items, nextPageToken, totalSize: found.length };
    }),
  };
}

/** An incident as the API shows it; its policy is as it was when the incident opened. */
export function toAlert(incident: Incident): Message {
  const { id, project, policy, openMs, closeMs } = incident;
  const { name, displayName, severity, userLabels = {} } = policy;
  return {
    name: `projects/${project}/alerts/${id}`,
    state: closeMs === null ? "OPEN" : "CLOSED",
    openTime: toTimestamp(openMs),
    ...(closeMs !== null && { closeTime: toTimestamp(closeMs) }),
    resource: resourceOf(incident),
    policy: { name, displayName, ...(severity !== undefined && { severity }), userLabels },
  };
}

/** What the service does not have: what it would measure is said here, of a policy. */
export function incidentMethods({ open, close }: Incidents): readonly RestMethod[] {
  return [
    saying("open", (policy) => toAlert(open(policy))),
    saying("close", (policy) => ({ alerts: [toAlert(close(policy))] })),
  ];
}

function saying(verb: string, say: (policy: string) => object): RestMethod {
  return {
    name: `emulator.v1.Incidents/${verb}`,
    at: ["POST", `/emulator/v1/{name=projects/*/alertPolicies/*}:${verb}`],
    needs: anybodyKnown,
    takes: taking(z.strictObject({ name: z.string() }), ({ name }) => say(name)),
  };
}
