import { googleError } from "../kit/google-error.ts";
import { toMs } from "./duration.ts";
import { invalidField } from "./names.ts";
import type { Aggregation, Condition, MetricThreshold } from "./resources.ts";

/** The kinds of condition, of which each condition is one. */
const KINDS = [
  "conditionThreshold",
  "conditionMatchedLog",
  "conditionMonitoringQueryLanguage",
  "conditionPrometheusQueryLanguage",
] as const;

/** Those that no alert of an installation is. */
const NOT_EMULATED = ["conditionAbsent", "conditionSql"] as const;

const TEXT_MAX = 2048;
const MINUTE_MS = 60_000;
const EVALUATION_MS_STEP = 30_000;
const COMPARISONS: ReadonlySet<string> = new Set(["COMPARISON_GT", "COMPARISON_LT"]);
const PROMETHEUS_NAME = /^[A-Za-z_]\w*$/;

/** The kind of a condition; undefined when it has none. */
export function kindOf(condition: Condition): (typeof KINDS)[number] | undefined {
  return KINDS.find((kind) => condition[kind] !== undefined);
}

/**
 * Checks one condition. `field` is its path in the policy, such as `conditions[0]`.
 * Source: google/monitoring/v3/alert.proto, AlertPolicy.Condition
 * @throws GoogleError INVALID_ARGUMENT naming the field at fault, UNIMPLEMENTED
 */
export function checkCondition(field: string, condition: Condition): void {
  refuseOthers(condition);
  if ((condition.displayName ?? "") === "") {
    throw invalidField(`${field}.display_name`, "", "a condition needs a display name");
  }
  switch (kindOf(condition)) {
    case "conditionThreshold":
      return checkThreshold(`${field}.condition_threshold`, condition.conditionThreshold ?? {});
    case "conditionMatchedLog":
      return checkText(
        `${field}.condition_matched_log.filter`,
        condition.conditionMatchedLog?.filter,
      );
    case "conditionMonitoringQueryLanguage":
      return checkQuery(field, condition);
    case "conditionPrometheusQueryLanguage":
      return checkPrometheus(field, condition);
    case undefined:
      throw invalidField(field, condition.displayName, "a condition must be of some kind");
  }
}

function refuseOthers(condition: Condition): void {
  const hasForecast = condition.conditionThreshold?.forecastOptions !== undefined;
  const odd = hasForecast
    ? "forecastOptions"
    : NOT_EMULATED.find((kind) => condition[kind] !== undefined);
  if (odd !== undefined) {
    throw googleError("UNIMPLEMENTED", `The emulator does not implement ${odd}.`);
  }
}

function checkThreshold(field: string, threshold: MetricThreshold): void {
  const { filter, denominatorFilter, comparison = "", duration = "0s" } = threshold;
  checkMetricFilter(`${field}.filter`, filter);
  if ((denominatorFilter ?? "").length > TEXT_MAX) {
    throw tooLong(`${field}.denominator_filter`);
  }
  if (!COMPARISONS.has(comparison)) {
    throw invalidField(
      `${field}.comparison`,
      comparison,
      "only COMPARISON_GT and COMPARISON_LT are supported",
    );
  }
  checkMinutes(`${field}.duration`, duration);
  if (threshold.evaluationMissingData !== undefined && toMs(duration) < MINUTE_MS) {
    throw invalidField(
      `${field}.evaluation_missing_data`,
      threshold.evaluationMissingData,
      "the duration must be at least 60 seconds",
    );
  }
  const { aggregations = [], denominatorAggregations = [] } = threshold;
  checkAggregations(field, [...aggregations, ...denominatorAggregations]);
}

function checkQuery(field: string, { conditionMonitoringQueryLanguage = {} }: Condition): void {
  const path = `${field}.condition_monitoring_query_language`;
  const { query, duration = "0s" } = conditionMonitoringQueryLanguage;
  checkText(`${path}.query`, query);
  checkMinutes(`${path}.duration`, duration);
}

function checkPrometheus(
  field: string,
  { conditionPrometheusQueryLanguage = {} }: Condition,
): void {
  const path = `${field}.condition_prometheus_query_language`;
  const {
    query,
    duration = "0s",
    evaluationInterval,
    alertRule,
  } = conditionPrometheusQueryLanguage;
  checkText(`${path}.query`, query);
  if (toMs(duration) < 0) {
    throw invalidField(`${path}.duration`, duration, "it must not be negative");
  }
  const intervalMs = toMs(evaluationInterval ?? "30s");
  if (intervalMs <= 0 || intervalMs % EVALUATION_MS_STEP !== 0) {
    throw invalidField(
      `${path}.evaluation_interval`,
      evaluationInterval,
      "it must be a positive multiple of 30 seconds",
    );
  }
  if (alertRule !== undefined && !PROMETHEUS_NAME.test(alertRule)) {
    throw invalidField(`${path}.alert_rule`, alertRule, "it must be a Prometheus label name");
  }
}

function checkMetricFilter(field: string, filter: string | undefined): void {
  checkText(field, filter);
  for (const part of ["metric.type", "resource.type"]) {
    if (filter?.includes(part) !== true) {
      throw invalidField(field, filter, `it must specify a restriction on "${part}"`);
    }
  }
  if (filter !== undefined && filter.length > TEXT_MAX) {
    throw tooLong(field);
  }
}

function checkAggregations(field: string, aggregations: readonly Aggregation[]): void {
  for (const { alignmentPeriod = "0s", perSeriesAligner = "ALIGN_NONE" } of aggregations) {
    if (perSeriesAligner !== "ALIGN_NONE" && toMs(alignmentPeriod) < MINUTE_MS) {
      throw invalidField(
        `${field}.aggregations.alignment_period`,
        alignmentPeriod,
        "it must be at least 60 seconds",
      );
    }
  }
}

function checkMinutes(field: string, duration: string): void {
  const ms = toMs(duration);
  if (ms < 0 || ms % MINUTE_MS !== 0) {
    throw invalidField(field, duration, "it must be a multiple of a minute, and not negative");
  }
}

function checkText(field: string, text: string | undefined): void {
  if ((text ?? "").trim() === "") {
    throw invalidField(field, "", "it must not be empty");
  }
}

function tooLong(field: string): Error {
  return invalidField(field, "…", `it must not exceed ${TEXT_MAX} characters`);
}
