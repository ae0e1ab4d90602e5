import { contentHash } from "../../shared/wire/spec/content-hash.ts";
import { customAlertId } from "../../shared/wire/spec/monitoring-section.ts";
import type { ServiceSpec } from "../../shared/wire/spec/schema.ts";
import type { Place } from "../render/place.ts";
import type { Pairs } from "./ownership.ts";

/** An alert policy as the specification asks for it, in the API's JSON. */
export type WantedPolicy = {
  readonly displayName: string;
  readonly severity: "CRITICAL" | "ERROR" | "WARNING";
  readonly combiner: "OR";
  readonly enabled: true;
  readonly userLabels: Pairs;
  readonly documentation: { readonly content: string; readonly mimeType: "text/markdown" };
  readonly conditions: readonly [object];
};

/** The policies of an environment, and what of `monitoring.alerts` no policy can say. */
export type WantedAlerts = {
  readonly policies: readonly WantedPolicy[];
  readonly notes: readonly string[];
};

/** The label that says which of the file's alerts a policy is. */
export const ALERT_LABEL = "alert";

type Alerts = ServiceSpec["monitoring"]["alerts"];
type Ratio = Alerts["responseCodeRatios"][number];
type Custom = Alerts["customAlerts"][number];

/** Longest display name and label value. Source: google/monitoring/v3/alert.proto */
const DISPLAY_NAME_LENGTH_MAX = 512;
const LABEL_LENGTH_MAX = 63;
const HASH_LENGTH = 8;

const SECONDS_OF_MINUTE = 60;
const REQUESTS = 'metric.type="run.googleapis.com/request_count"';

/** The labels of the policies that a specification asks for in an environment. */
export function alertOwner({ service, environment }: Place): Pairs {
  return { "managed-by": "slipway", service: service.id, environment: environment.id };
}

/**
 * What `monitoring.alerts` asks for in an environment. The same alerts watch over each of them. `scope` is the project
 * that has the policies: where it is not the environment's own, it may watch over others as well.
 * Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies
 */
export function wantedAlerts(place: Place, scope: string): WantedAlerts {
  const { responseCodeRatios, customAlerts } = place.spec.monitoring.alerts;
  const isJob = place.service.kind === "job";
  const ratios = responseCodeRatios.map((alert) => ({ alert, refusal: refuseRatio(alert, isJob) }));
  const refused = ratios.flatMap(({ alert, refusal }) =>
    refusal === null ? [] : [`no policy for responseCodeRatios ${alert.id}: ${refusal}`],
  );
  const isShared = scope !== place.environment.project;
  return {
    policies: [
      ...ratios.flatMap(({ alert, refusal }) =>
        refusal === null ? [ratioPolicy(place, alert)] : [],
      ),
      ...customAlerts.map((alert) => customPolicy(place, alert)),
    ],
    notes: [
      ...refused,
      ...customAlerts
        .filter(({ condition }) => isShared && !condition.query.includes("project_id"))
        .map(
          ({ name }) =>
            `the query of ${name} sees every project that ${scope} watches over: restrict it by project_id`,
        ),
    ],
  };
}

function refuseRatio({ code, codeClass }: Ratio, isJob: boolean): string | null {
  if (isJob) {
    return "a job answers no requests";
  }
  return code === undefined && codeClass === undefined
    ? "it names neither code nor codeClass; name one"
    : null;
}

function ratioPolicy(place: Place, alert: Ratio): WantedPolicy {
  const all = requestsTo(place);
  const counted = [...all, ...codesOf(alert)].join(" AND ");
  const aggregations = [
    {
      alignmentPeriod: `${SECONDS_OF_MINUTE}s`,
      perSeriesAligner: "ALIGN_RATE",
      crossSeriesReducer: "REDUCE_SUM",
      // What is grouped by stays in the incident, which so says whose it is.
      groupByFields: ["resource.label.project_id", "resource.label.service_name"],
    },
  ];
  const conditionThreshold = {
    filter: counted,
    aggregations,
    denominatorFilter: all.join(" AND "),
    denominatorAggregations: aggregations,
    comparison: "COMPARISON_GT",
    thresholdValue: alert.ratio,
    duration: lasting(alert.durationMinutes),
    trigger: { count: 1 },
  };
  const codes = alert.codeClass ?? String(alert.code);
  const named = { ...alert, severity: "ERROR", id: `ratio-${alert.id}` } as const;
  return toPolicy(place, named, {
    displayName: `${codes} above ${alert.ratio} of all responses`,
    conditionThreshold,
  });
}

function requestsTo({ environment }: Place): readonly string[] {
  const { project, region, runService } = environment;
  const labels = { project_id: project, location: region, service_name: runService };
  return [
    'resource.type="cloud_run_revision"',
    REQUESTS,
    ...Object.entries(labels).map(([label, value]) => `resource.labels.${label}="${value}"`),
  ];
}

/** An exact code, a class, and the codes that do not count. */
function codesOf({ code, codeClass, excludeCodes }: Ratio): readonly string[] {
  return [
    ...(code === undefined ? [] : [`metric.labels.response_code="${code}"`]),
    ...(codeClass === undefined ? [] : [`metric.labels.response_code_class="${codeClass}"`]),
    ...excludeCodes.map((excluded) => `metric.labels.response_code!=${JSON.stringify(excluded)}`),
  ];
}

function customPolicy(place: Place, alert: Custom): WantedPolicy {
  const { type, query, durationMinutes = 1 } = alert.condition;
  const duration = lasting(durationMinutes);
  const condition =
    type === "promql"
      ? { conditionPrometheusQueryLanguage: { query, duration, evaluationInterval: "60s" } }
      : { conditionMonitoringQueryLanguage: { query, duration, trigger: { count: 1 } } };
  const id = `custom-${customAlertId(alert.name)}`;
  return toPolicy(
    place,
    { ...alert, severity: alert.severityLevel, id },
    { displayName: alert.name, ...condition },
  );
}

function toPolicy(
  place: Place,
  alert: Pick<Custom, "name" | "description"> & {
    readonly id: string;
    readonly severity: WantedPolicy["severity"];
  },
  condition: object,
): WantedPolicy {
  const { service, environment } = place;
  const title = `${service.name} in ${environment.id}: ${alert.name}`;
  return {
    displayName: title.slice(0, DISPLAY_NAME_LENGTH_MAX),
    severity: alert.severity,
    combiner: "OR",
    enabled: true,
    userLabels: { ...alertOwner(place), [ALERT_LABEL]: toLabel(alert.id) },
    documentation: { content: alert.description ?? title, mimeType: "text/markdown" },
    conditions: [condition],
  };
}

/** A label has few characters; ids that differ stay different. */
function toLabel(id: string): string {
  const label = id.toLowerCase().replaceAll(/[^a-z0-9_-]/g, "-");
  const isSame = label === id && label.length <= LABEL_LENGTH_MAX;
  const hash = contentHash(id).slice(0, HASH_LENGTH);
  return isSame ? label : `${label.slice(0, LABEL_LENGTH_MAX - HASH_LENGTH - 1)}-${hash}`;
}

function lasting(minutes: number): string {
  return `${minutes * SECONDS_OF_MINUTE}s`;
}
