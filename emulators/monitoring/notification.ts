import type { Incident } from "./state.ts";

const SCHEMA_VERSION = "1.2";

/** The severity as notifications have it. Source: https://cloud.google.com/monitoring/alerts/policies-in-api */
const SEVERITIES: Readonly<Record<string, string>> = {
  CRITICAL: "Critical",
  ERROR: "Error",
  WARNING: "Warning",
};

/** What a condition is about, by its filter. Whose it is of a project's resources is not measured here. */
export function seriesOf({ condition, project }: Incident): {
  readonly resource: { readonly type: string; readonly labels: Readonly<Record<string, string>> };
  readonly metric: { readonly type: string; readonly labels: Readonly<Record<string, string>> };
} {
  const filter =
    condition.conditionThreshold?.filter ?? condition.conditionMatchedLog?.filter ?? "";
  const typeIn = (what: string): string | undefined =>
    new RegExp(`\\b${what}\\.type\\s*=\\s*"([^"]+)"`).exec(filter)?.[1];
  return {
    resource: { type: typeIn("resource") ?? "global", labels: { project_id: project } },
    metric: { type: typeIn("metric") ?? "", labels: {} },
  };
}

/**
 * The message that a Pub/Sub channel gets about an incident, in version 1.2 of the schema.
 * Source: https://cloud.google.com/monitoring/support/notification-options and two captured messages in
 * https://github.com/flanksource/canary-checker
 */
export function toNotification(incident: Incident, projectNumber: string): object {
  const { id, project, policy, condition, openMs, closeMs, observedValue } = incident;
  const { userLabels = {}, displayName: title, documentation = {} } = policy;
  const { resource, metric } = seriesOf(incident);
  const severity = severityOf(policy);
  const words = closeMs === null ? OPEN : CLOSED;
  const resourceType = toWords(resource.type);
  return {
    version: SCHEMA_VERSION,
    incident: {
      incident_id: id,
      scoping_project_id: project,
      scoping_project_number: Number(projectNumber),
      url: `https://console.cloud.google.com/monitoring/alerting/alerts/${id}?channelType=cloud-pubsub&project=${project}`,
      started_at: toSeconds(openMs),
      ended_at: closeMs === null ? null : toSeconds(closeMs),
      state: words.state,
      resource_id: "",
      resource_name: `${project} ${resourceType} labels {project_id=${project}}`,
      resource_display_name: resource.type,
      resource_type_display_name: resourceType,
      resource,
      metric: { ...metric, displayName: toWords(metric.type.split("/").at(-1) ?? "") },
      metadata: { system_labels: {}, user_labels: {} },
      policy_name: title,
      ...(Object.keys(userLabels).length === 0 ? {} : { policy_user_labels: userLabels }),
      documentation: {
        content: documentation.content ?? "",
        mime_type: documentation.mimeType ?? "",
        subject: `[${words.subject} - ${severity}] ${title}`,
      },
      ...conditionFields(condition),
      observed_value: observedValue,
      severity,
      summary: `${condition.displayName} of ${project} is ${words.summary} with a value of ${observedValue}.`,
    },
  };
}

const OPEN = { state: "open", subject: "ALERT", summary: "violated" } as const;
const CLOSED = { state: "closed", subject: "RESOLVED", summary: "back to normal" } as const;

function severityOf({ severity = "" }: Incident["policy"]): string {
  return SEVERITIES[severity] ?? "No Severity";
}

function conditionFields(condition: Incident["condition"]): object {
  const { displayName, conditionThreshold: threshold } = condition;
  return {
    condition,
    condition_name: displayName,
    threshold_value: threshold === undefined ? "" : String(threshold.thresholdValue ?? 0),
  };
}

/** `cloud_run_revision` is shown as `Cloud Run Revision`. */
function toWords(type: string): string {
  return type
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
