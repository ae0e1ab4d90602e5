import { kindOf } from "./condition-rules.ts";
import type { Incident } from "./resources.ts";
import {
  resourceDisplayName,
  resourceName,
  resourceTypeName,
  severityOf,
  summaryOf,
  thresholdOf,
} from "./wording.ts";

const SCHEMA_VERSION = "1.2";

/**
 * The message that a Pub/Sub channel gets about an incident, in version 1.2 of the schema.
 * Source: https://cloud.google.com/monitoring/support/notification-options and two captured messages in
 * https://github.com/flanksource/canary-checker
 */
export function toNotification(incident: Incident, projectNumber: string): object {
  const { id, project, policy, condition, metric, openMs, closeMs } = incident;
  const { userLabels = {} } = policy;
  return {
    version: SCHEMA_VERSION,
    incident: {
      incident_id: id,
      scoping_project_id: project,
      scoping_project_number: Number(projectNumber),
      url: `https://console.cloud.google.com/monitoring/alerting/alerts/${id}?channelType=cloud-pubsub&project=${project}`,
      started_at: toSeconds(openMs),
      ended_at: closeMs === null ? null : toSeconds(closeMs),
      state: closeMs === null ? "open" : "closed",
      resource_id: "",
      resource_name: resourceName(incident),
      resource_display_name: resourceDisplayName(incident),
      resource_type_display_name: resourceTypeName(incident),
      resource: incident.resource,
      metric: { type: metric.type, displayName: metric.displayName, labels: metric.labels },
      metadata: { system_labels: {}, user_labels: {} },
      policy_name: policy.displayName ?? "",
      ...(Object.keys(userLabels).length === 0 ? {} : { policy_user_labels: userLabels }),
      documentation: toDocumentation(incident),
      condition: toCondition(incident),
      condition_name: condition.displayName ?? "",
      threshold_value: thresholdOf(condition),
      observed_value: incident.observedValue,
      severity: severityOf(incident),
      summary: summaryOf(incident),
    },
  };
}

/**
 * The message that a channel gets when somebody tries it out; nothing in it is real.
 * Source: https://cloud.google.com/monitoring/support/notification-options
 */
export function toTestNotification(): object {
  return {
    version: "test",
    incident: {
      incident_id: "12345",
      scoping_project_id: "12345",
      scoping_project_number: 12345,
      url: "http://www.example.com",
      started_at: 0,
      ended_at: 0,
      state: "OPEN",
      summary: "Test Incident",
      apigee_url: "http://www.example.com",
      observed_value: "1.0",
      resource: { type: "example_resource", labels: { example: "label" } },
      resource_type_display_name: "Example Resource Type",
      resource_id: "12345",
      resource_display_name: "Example Resource",
      resource_name: "projects/12345/example_resources/12345",
      metric: {
        type: "test.googleapis.com/metric",
        displayName: "Test Metric",
        labels: { example: "label" },
      },
      metadata: { system_labels: { example: "label" }, user_labels: { example: "label" } },
      policy_name: "projects/12345/alertPolicies/12345",
      policy_user_labels: { example: "label" },
      documentation: "Test documentation",
      condition: {
        name: "projects/12345/alertPolicies/12345/conditions/12345",
        displayName: "Example condition",
        conditionThreshold: {
          filter: 'metric.type="test.googleapis.com/metric" resource.type="example_resource"',
          comparison: "COMPARISON_GT",
          thresholdValue: 0.5,
          duration: "0s",
          trigger: { count: 1 },
        },
      },
      condition_name: "Example condition",
      threshold_value: "0.5",
    },
  };
}

function toDocumentation(incident: Incident): object {
  const {
    content = "",
    mimeType = "",
    subject = "",
    links = [],
  } = incident.policy.documentation ?? {};
  const word = incident.closeMs === null ? "ALERT" : "RESOLVED";
  const topic = subject === "" ? (incident.policy.displayName ?? "") : subject;
  return {
    content,
    mime_type: mimeType,
    subject: `[${word} - ${severityOf(incident)}] ${topic}`,
    ...(links.length === 0 ? {} : { links }),
  };
}

function toCondition({ condition }: Incident): object {
  const kind = kindOf(condition);
  const { name, displayName } = condition;
  return { name, displayName, ...(kind === undefined ? {} : { [kind]: condition[kind] }) };
}

function toSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
