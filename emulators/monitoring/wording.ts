import { projectOf } from "./names.ts";
import type { Condition, Incident, Labels } from "./resources.ts";

/** How the service calls some resources; others are written with capitals. */
const RESOURCE_NAMES: Readonly<Record<string, string>> = {
  cloud_run_job: "Cloud Run Job",
  cloud_run_revision: "Cloud Run Revision",
  cloudsql_database: "Cloud SQL Database",
  gce_instance: "VM Instance",
  k8s_container: "Kubernetes Container",
};

/** Labels by which a resource is known, the best first. */
const NAME_LABELS = ["service_name", "job_name", "database_id", "container_name", "instance_id"];

const SEVERITIES: Readonly<Record<string, string>> = {
  CRITICAL: "Critical",
  ERROR: "Error",
  WARNING: "Warning",
};

/** The severity as notifications have it. Source: https://cloud.google.com/monitoring/alerts/policies-in-api */
export function severityOf({ policy }: Incident): string {
  return SEVERITIES[policy.severity ?? ""] ?? "No Severity";
}

/** `Cloud Run Revision` for `cloud_run_revision`. */
export function resourceTypeName({ resource }: Incident): string {
  const words = resource.type
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return RESOURCE_NAMES[resource.type] ?? words.join(" ");
}

/** What a resource is called by those who run it. */
export function resourceDisplayName({ resource }: Incident): string {
  const label = NAME_LABELS.find((name) => resource.labels[name] !== undefined);
  return resource.labels[label ?? ""] ?? resource.type;
}

/** What a resource is called in full. */
export function resourceName(incident: Incident): string {
  const { policy, resource } = incident;
  const parts = [projectOf(policy.name), resourceDisplayName(incident), resourceTypeName(incident)];
  return `${parts.join(" ")} labels ${toText(resource.labels)}`;
}

/** The threshold as text; empty for a condition without one. */
export function thresholdOf({ conditionThreshold }: Condition): string {
  return conditionThreshold === undefined ? "" : String(conditionThreshold.thresholdValue ?? 0);
}

/** A value that violates a condition, for when nobody says which one was seen. */
export function observedFor({ conditionThreshold }: Condition): string {
  if (conditionThreshold === undefined) {
    return "";
  }
  const { comparison, thresholdValue = 0 } = conditionThreshold;
  return (thresholdValue + (comparison === "COMPARISON_LT" ? -1 : 1)).toFixed(3);
}

/** The sentence that sums an incident up. */
export function summaryOf(incident: Incident): string {
  const { condition, metric, closeMs, observedValue, summary } = incident;
  const labels = Object.keys(metric.labels).length;
  const series = `${metric.displayName} for ${resourceName(incident)}${labels > 0 ? ` with metric labels ${toText(metric.labels)}` : ""}`;
  if (closeMs !== null) {
    return `${series} returned to normal with a value of ${observedValue}.`;
  }
  if (summary !== null) {
    return summary;
  }
  const { conditionThreshold: threshold } = condition;
  if (threshold === undefined) {
    return `The condition ${condition.displayName ?? ""} is met for ${resourceName(incident)}.`;
  }
  const side = threshold.comparison === "COMPARISON_LT" ? "below" : "above";
  const limit = (threshold.thresholdValue ?? 0).toFixed(3);
  return `${series} is ${side} the threshold of ${limit} with a value of ${observedValue}.`;
}

function toText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return `{${pairs.join(", ")}}`;
}
