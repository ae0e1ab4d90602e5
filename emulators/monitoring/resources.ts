/** A google.protobuf.Duration in JSON, such as `60s`. */
type DurationText = string;

/** Labels of a resource, a metric, a policy. */
export type Labels = Readonly<Record<string, string>>;

/** How time series are aligned, as far as it is checked. */
export type Aggregation = {
  readonly alignmentPeriod?: DurationText;
  readonly perSeriesAligner?: string;
};

/** google.monitoring.v3.AlertPolicy.Condition.MetricThreshold, as far as it is checked. */
export type MetricThreshold = {
  readonly filter?: string;
  readonly denominatorFilter?: string;
  readonly aggregations?: readonly Aggregation[];
  readonly denominatorAggregations?: readonly Aggregation[];
  readonly forecastOptions?: object;
  readonly comparison?: string;
  readonly thresholdValue?: number;
  readonly duration?: DurationText;
  readonly evaluationMissingData?: string;
};

/** google.monitoring.v3.AlertPolicy.Condition in JSON; exactly one kind is set. */
export type Condition = {
  readonly name?: string;
  readonly displayName?: string;
  readonly conditionThreshold?: MetricThreshold;
  readonly conditionAbsent?: object;
  readonly conditionMatchedLog?: { readonly filter?: string };
  readonly conditionMonitoringQueryLanguage?: {
    readonly query?: string;
    readonly duration?: DurationText;
  };
  readonly conditionPrometheusQueryLanguage?: {
    readonly query?: string;
    readonly duration?: DurationText;
    readonly evaluationInterval?: DurationText;
    readonly ruleGroup?: string;
    readonly alertRule?: string;
  };
  readonly conditionSql?: object;
};

/** google.monitoring.v3.AlertPolicy.Documentation in JSON. */
export type Documentation = {
  readonly content?: string;
  readonly mimeType?: string;
  readonly subject?: string;
  readonly links?: readonly { readonly displayName?: string; readonly url?: string }[];
};

/** google.monitoring.v3.AlertPolicy.AlertStrategy in JSON. */
export type AlertStrategy = {
  readonly notificationRateLimit?: { readonly period?: DurationText };
  readonly notificationPrompts?: readonly string[];
  readonly autoClose?: DurationText;
  readonly notificationChannelStrategy?: readonly object[];
};

/** Who changed something, and when. */
type MutationRecord = { readonly mutateTime?: string };

/** google.monitoring.v3.AlertPolicy in JSON. */
export type AlertPolicy = {
  readonly name?: string;
  readonly displayName?: string;
  readonly documentation?: Documentation;
  readonly userLabels?: Labels;
  readonly conditions?: readonly Condition[];
  readonly combiner?: string;
  readonly enabled?: boolean;
  readonly validity?: object;
  readonly notificationChannels?: readonly string[];
  readonly creationRecord?: MutationRecord;
  readonly mutationRecord?: MutationRecord;
  readonly alertStrategy?: AlertStrategy;
  readonly severity?: string;
};

/** A policy that is stored: it has a name. */
export type StoredPolicy = AlertPolicy & { readonly name: string };

/** google.monitoring.v3.NotificationChannel in JSON. */
export type NotificationChannel = {
  readonly name?: string;
  readonly type?: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly labels?: Labels;
  readonly userLabels?: Labels;
  readonly verificationStatus?: string;
  readonly enabled?: boolean;
  readonly creationRecord?: MutationRecord;
  readonly mutationRecords?: readonly MutationRecord[];
};

/** A channel that is stored: it has a name. */
export type StoredChannel = NotificationChannel & { readonly name: string };

/** An incident of one time series; it is an `alert` in the API. Times in milliseconds since the epoch. */
export type Incident = {
  /** `0.` and a number in base 36; the same in notifications and in the alert's name. */
  readonly id: string;
  readonly project: string;
  /** The policy when the incident opened. */
  readonly policy: StoredPolicy;
  readonly condition: Condition;
  readonly openMs: number;
  readonly closeMs: number | null;
  /** When the condition was last seen violated. */
  readonly dataMs: number;
  readonly resource: { readonly type: string; readonly labels: Labels };
  readonly metric: { readonly type: string; readonly displayName: string; readonly labels: Labels };
  /** Labels extracted from a log entry; null unless the condition matches logs. */
  readonly logLabels: Labels | null;
  /** The text of the opening notification when somebody set it. */
  readonly summary: string | null;
  readonly observedValue: string;
  /** When each channel was last told, by channel name. */
  readonly notifiedMs: Readonly<Record<string, number>>;
};
