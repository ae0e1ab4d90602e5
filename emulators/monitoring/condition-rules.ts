import { toMs } from "./duration.ts";
import { invalidField } from "./names.ts";
import type {
  Aggregation,
  Condition,
  MetricAbsence,
  MetricThreshold,
  SqlCondition,
} from "./resources.ts";

/** The kinds of condition, of which each condition is one. */
const KINDS = [
  "conditionThreshold",
  "conditionAbsent",
  "conditionMatchedLog",
  "conditionMonitoringQueryLanguage",
  "conditionPrometheusQueryLanguage",
  "conditionSql",
] as const;

const TEXT_MAX = 2048;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ABSENCE_MS_MIN = 2 * MINUTE_MS;
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
 * @throws GoogleError INVALID_ARGUMENT naming the field at fault.
 */
export function checkCondition(field: string, condition: Condition): void {
  if ((condition.displayName ?? "") === "") {
    throw invalidField(`${field}.display_name`, "", "a condition needs a display name");
  }
  switch (kindOf(condition)) {
    case "conditionThreshold":
      return checkThreshold(`${field}.condition_threshold`, condition.conditionThreshold ?? {});
    case "conditionAbsent":
      return checkAbsence(`${field}.condition_absent`, condition.conditionAbsent ?? {});
    case "conditionMatchedLog":
      return checkText(
        `${field}.condition_matched_log.filter`,
        condition.conditionMatchedLog?.filter,
      );
    case "conditionMonitoringQueryLanguage":
      return checkQuery(field, condition);
    case "conditionPrometheusQueryLanguage":
      return checkPrometheus(field, condition);
    case "conditionSql":
      return checkSql(`${field}.condition_sql`, condition.conditionSql ?? {});
    case undefined:
      throw invalidField(field, condition.displayName, "a condition must be of some kind");
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
  checkMinutes(`${field}.duration`, duration, 0);
  if (threshold.evaluationMissingData !== undefined && toMs(duration) < MINUTE_MS) {
    throw invalidField(
      `${field}.evaluation_missing_data`,
      threshold.evaluationMissingData,
      "the duration must be at least 60 seconds",
    );
  }
  const { aggregations = [], denominatorAggregations = [] } = threshold;
  checkAggregations(field, [...aggregations, ...denominatorAggregations]);
  checkForecast(field, threshold);
}

function checkForecast(field: string, { forecastOptions }: MetricThreshold): void {
  if (forecastOptions === undefined) {
    return;
  }
  const { forecastHorizon = "0s" } = forecastOptions;
  if (toMs(forecastHorizon) < HOUR_MS || toMs(forecastHorizon) > 60 * HOUR_MS) {
    throw invalidField(
      `${field}.forecast_options.forecast_horizon`,
      forecastHorizon,
      "the forecast horizon can range from 1 hour to 60 hours",
    );
  }
}

function checkAbsence(field: string, { filter, duration = "0s", ...rest }: MetricAbsence): void {
  checkMetricFilter(`${field}.filter`, filter);
  checkMinutes(`${field}.duration`, duration, ABSENCE_MS_MIN);
  checkAggregations(field, rest.aggregations ?? []);
}

function checkQuery(field: string, { conditionMonitoringQueryLanguage = {} }: Condition): void {
  const path = `${field}.condition_monitoring_query_language`;
  const { query, duration = "0s" } = conditionMonitoringQueryLanguage;
  checkText(`${path}.query`, query);
  checkMinutes(`${path}.duration`, duration, 0);
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

function checkSql(field: string, condition: SqlCondition): void {
  checkText(`${field}.query`, condition.query);
  const { minutes, hourly, daily } = condition;
  if (minutes !== undefined) {
    checkNumber(`${field}.minutes.periodicity`, minutes.periodicity ?? 0, [5, 1440]);
  } else if (hourly !== undefined) {
    checkNumber(`${field}.hourly.periodicity`, hourly.periodicity ?? 0, [1, 48]);
    checkNumber(`${field}.hourly.minute_offset`, hourly.minuteOffset ?? 0, [0, 59]);
  } else if (daily !== undefined) {
    checkNumber(`${field}.daily.periodicity`, daily.periodicity ?? 0, [1, 31]);
  } else {
    throw invalidField(`${field}.schedule`, "", "a schedule is required");
  }
  if (condition.rowCountTest === undefined && condition.booleanTest === undefined) {
    throw invalidField(`${field}.evaluate`, "", "a test is required");
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

function checkMinutes(field: string, duration: string, minMs: number): void {
  const ms = toMs(duration);
  if (ms < minMs || ms % MINUTE_MS !== 0) {
    throw invalidField(
      field,
      duration,
      `it must be a multiple of a minute and at least ${minMs / 1_000} seconds`,
    );
  }
}

function checkText(field: string, text: string | undefined): void {
  if ((text ?? "").trim() === "") {
    throw invalidField(field, "", "it must not be empty");
  }
}

function checkNumber(field: string, value: number, [min, max]: readonly [number, number]): void {
  if (value < min || value > max) {
    throw invalidField(field, value, `it must be between ${min} and ${max}`);
  }
}

function tooLong(field: string): Error {
  return invalidField(field, "…", `it must not exceed ${TEXT_MAX} characters`);
}
