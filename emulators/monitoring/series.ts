import { isDeepStrictEqual } from "node:util";
import { kindOf } from "./condition-rules.ts";
import { notFound, projectOf } from "./names.ts";
import type { Condition, Incident, Labels, StoredPolicy } from "./resources.ts";
import { isLogBased } from "./strategy-rules.ts";
import { observedFor } from "./wording.ts";

/** What is seen of a time series that violates a condition. */
export type Violation = {
  /** The condition's id, name or display name; the policy's first without it. */
  readonly condition?: string | undefined;
  readonly resource?:
    | { readonly type?: string | undefined; readonly labels?: Labels | undefined }
    | undefined;
  readonly metric?: { readonly labels?: Labels | undefined } | undefined;
  /** Labels extracted from the log entry, for a condition that matches logs. */
  readonly logLabels?: Labels | undefined;
  /** Instead of the policy's. */
  readonly severity?: "CRITICAL" | "ERROR" | "WARNING" | undefined;
  /** Instead of the text that the service would write. */
  readonly summary?: string | undefined;
  readonly observedValue?: string | undefined;
};

/** What an incident of a time series would be if it opened now. */
export function toIncident(
  policy: StoredPolicy,
  violation: Violation,
  nowMs: number,
): Omit<Incident, "id"> {
  const condition = findCondition(policy, violation.condition);
  const { severity = policy.severity, summary = null } = violation;
  return {
    project: projectOf(policy.name),
    policy: { ...policy, ...(severity === undefined ? {} : { severity }) },
    condition,
    openMs: nowMs,
    closeMs: null,
    dataMs: nowMs,
    ...toSeries(condition, violation, projectOf(policy.name)),
    logLabels: isLogBased(policy) ? (violation.logLabels ?? {}) : null,
    summary,
    observedValue: violation.observedValue ?? observedFor(condition),
    notifiedMs: {},
  };
}

/** Whether two incidents are of one time series. */
export function isSameSeries(one: Omit<Incident, "id">, other: Omit<Incident, "id">): boolean {
  const [left, right] = [one, other].map(({ condition, resource, metric, logLabels }) => ({
    condition: condition.name,
    resource,
    metric,
    logLabels,
  }));
  return isDeepStrictEqual(left, right);
}

function toSeries(
  condition: Condition,
  { resource, metric }: Violation,
  project: string,
): Pick<Incident, "resource" | "metric"> {
  const filter = filterOf(condition);
  const metricType = typeIn(filter, "metric") ?? "";
  return {
    resource: {
      type: resource?.type ?? typeIn(filter, "resource") ?? "global",
      labels: { project_id: project, ...resource?.labels },
    },
    metric: {
      type: metricType,
      displayName: toWords(metricType),
      labels: metric?.labels ?? {},
    },
  };
}

function findCondition(policy: StoredPolicy, wanted: string | undefined): Condition {
  const { conditions = [] } = policy;
  const found = conditions.find(
    ({ name = "", displayName }) =>
      wanted === undefined || [name, displayName, name.split("/").at(-1)].includes(wanted),
  );
  if (found === undefined) {
    throw notFound("Condition", `${policy.name}/conditions/${wanted ?? ""}`);
  }
  return found;
}

function filterOf(condition: Condition): string {
  const kind = kindOf(condition);
  const content = kind === undefined ? undefined : condition[kind];
  return content !== undefined && "filter" in content ? (content.filter ?? "") : "";
}

/** The metric's or the resource's type that a filter asks for. */
function typeIn(filter: string, what: "metric" | "resource"): string | undefined {
  return new RegExp(`\\b${what}\\.type\\s*=\\s*"([^"]+)"`).exec(filter)?.[1];
}

/** `run.googleapis.com/request_count` is shown as `Request Count`. */
function toWords(type: string): string {
  const last = type.slice(type.lastIndexOf("/") + 1);
  return last
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}
