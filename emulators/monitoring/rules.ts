import { z } from "zod";
import { toPath } from "../kit/checked.ts";
import { badRequest, type GoogleError, googleError } from "../kit/google-error.ts";

const MINUTE_MS = 60_000;
const EVALUATION_MS_STEP = 30_000;
const NAME_MAX = 512;
const TEXT_MAX = 2048;
const DESCRIPTION_MAX = 1024;
const CONTENT_CHARACTERS_MAX = 8192;
const CONTENT_BYTES_MAX = 10_240;
const CONDITIONS_MAX = 6;
/** Source: https://cloud.google.com/monitoring/quotas#alerting_uptime_limits */
const CHANNELS_MAX = 16;
const LABELS_MAX = 64;

/** Only ASCII passes, so characters are bytes. Source: google/monitoring/v3/alert.proto, AlertPolicy.user_labels */
const LABEL_KEY = /^[a-z][a-z0-9_-]{0,62}$/;
const LABEL_VALUE = /^[a-z0-9_-]{0,63}$/;

/** A google.protobuf.Duration in JSON, such as `1.5s`, in milliseconds. */
export function toMs(duration: string): number {
  return Number(duration.slice(0, -1)) * 1_000;
}

function lasting(isRight: (ms: number) => boolean, message: string): z.ZodString {
  return z.string().refine((duration) => isRight(toMs(duration)), message);
}

function upTo(max: number): z.ZodString {
  return z
    .string()
    .refine((text) => Array.from(text).length <= max, `it has at most ${max} characters`);
}

const Filled = z.string().refine((text) => text.trim() !== "", "it must not be empty");
const Minutes = lasting(
  (ms) => ms >= 0 && ms % MINUTE_MS === 0,
  "it must be a multiple of a minute, and not negative",
).optional();
const Trigger = z.strictObject({ count: z.number().optional(), percent: z.number().optional() });

const UserLabels = z
  .record(z.string(), z.string())
  .refine((labels) => Object.keys(labels).length <= LABELS_MAX, `at most ${LABELS_MAX} are allowed`)
  .refine(
    (labels) =>
      Object.entries(labels).every(
        ([key, value]) => LABEL_KEY.test(key) && LABEL_VALUE.test(value),
      ),
    "keys and values have at most 63 lowercase letters, numerals, underscores and dashes, a key a letter first",
  )
  .optional();

const Aggregations = z
  .array(
    z
      .strictObject({
        alignmentPeriod: z.string().optional(),
        perSeriesAligner: z.string().optional(),
        crossSeriesReducer: z.string().optional(),
        groupByFields: z.array(z.string()).optional(),
      })
      .refine(
        ({ alignmentPeriod = "0s", perSeriesAligner = "ALIGN_NONE" }) =>
          perSeriesAligner === "ALIGN_NONE" || toMs(alignmentPeriod) >= MINUTE_MS,
        { path: ["alignmentPeriod"], message: "it must be at least 60 seconds" },
      ),
  )
  .optional();

/** The kinds of condition that are here, of which each condition is one. */
const KINDS = {
  conditionThreshold: z.strictObject({
    filter: upTo(TEXT_MAX).refine(
      (filter) => ["metric.type", "resource.type"].every((part) => filter.includes(part)),
      'it must specify a restriction on "metric.type" and "resource.type"',
    ),
    aggregations: Aggregations,
    denominatorFilter: upTo(TEXT_MAX).optional(),
    denominatorAggregations: Aggregations,
    comparison: z.enum(["COMPARISON_GT", "COMPARISON_LT"]),
    thresholdValue: z.number().optional(),
    duration: Minutes,
    trigger: Trigger.optional(),
  }),
  conditionMatchedLog: z.strictObject({ filter: Filled }),
  conditionMonitoringQueryLanguage: z.strictObject({
    query: Filled,
    duration: Minutes,
    trigger: Trigger.optional(),
  }),
  conditionPrometheusQueryLanguage: z.strictObject({
    query: Filled,
    duration: lasting((ms) => ms >= 0, "it must not be negative").optional(),
    evaluationInterval: lasting(
      (ms) => ms > 0 && ms % EVALUATION_MS_STEP === 0,
      "it must be a positive multiple of 30 seconds",
    ).optional(),
  }),
};

const Condition = z
  .strictObject({
    name: z.string().optional(),
    displayName: Filled,
    conditionThreshold: KINDS.conditionThreshold.optional(),
    conditionMatchedLog: KINDS.conditionMatchedLog.optional(),
    conditionMonitoringQueryLanguage: KINDS.conditionMonitoringQueryLanguage.optional(),
    conditionPrometheusQueryLanguage: KINDS.conditionPrometheusQueryLanguage.optional(),
  })
  .refine((condition) => Object.keys(KINDS).some((kind) => kind in condition), {
    message: "a condition must be of some kind",
  });

/** google.monitoring.v3.AlertPolicy.Condition in JSON; one kind is set. */
export type Condition = z.infer<typeof Condition>;

/** Who changed something is not known here, only when. */
const Mutation = z.strictObject({ mutateTime: z.string(), mutatedBy: z.string().optional() });

/** google.monitoring.v3.AlertPolicy in JSON. Source: google/monitoring/v3/alert.proto */
const PolicyFields = z.strictObject({
  name: z.string(),
  displayName: upTo(NAME_MAX).min(1, `it has 1 to ${NAME_MAX} characters`),
  documentation: z
    .strictObject({
      content: upTo(CONTENT_CHARACTERS_MAX)
        .refine(
          (content) => Buffer.byteLength(content) <= CONTENT_BYTES_MAX,
          `it has at most ${CONTENT_BYTES_MAX} bytes`,
        )
        .optional(),
      mimeType: z.literal("text/markdown", "only text/markdown is supported").optional(),
    })
    .optional(),
  userLabels: UserLabels,
  conditions: z
    .array(Condition)
    .min(1, `a policy can have from one to ${CONDITIONS_MAX} conditions`)
    .max(CONDITIONS_MAX, `a policy can have from one to ${CONDITIONS_MAX} conditions`),
  combiner: z.string().optional(),
  enabled: z.boolean().optional(),
  notificationChannels: z
    .array(z.string())
    .max(CHANNELS_MAX, `a policy has at most ${CHANNELS_MAX} notification channels`)
    .optional(),
  creationRecord: Mutation.optional(),
  mutationRecord: Mutation.optional(),
  alertStrategy: z
    .strictObject({
      notificationRateLimit: z.strictObject({ period: z.string().optional() }).optional(),
      autoClose: lasting(
        (ms) => ms >= 30 * MINUTE_MS,
        "the autoclose duration should be at least 30 minutes",
      ).optional(),
    })
    .optional(),
  severity: z.string().optional(),
});

/** A policy as it is kept. */
export type AlertPolicy = z.infer<typeof PolicyFields>;

const WholePolicy = PolicyFields.refine(
  ({ conditions }) => conditions.length === 1 || !conditions.some(isLonely),
  {
    path: ["conditions"],
    message: "a condition that matches logs or is in MQL can only be a single condition",
  },
)
  .refine(({ conditions, combiner = "" }) => combiner !== "" || isQuery(conditions[0]), {
    path: ["combiner"],
    message: "it says how conditions are combined",
  })
  .refine((policy) => isLogBased(policy) === ratePeriodMs(policy) > 0, {
    path: ["alertStrategy", "notificationRateLimit"],
    message: "log-based alert policies, and only they, must specify a notification rate limit",
  });

function isQuery(condition: Condition | undefined): boolean {
  return condition?.conditionMonitoringQueryLanguage !== undefined;
}

function isLonely(condition: Condition): boolean {
  return condition.conditionMatchedLog !== undefined || isQuery(condition);
}

/** Whether a policy is about logs and not about metrics. */
export function isLogBased({ conditions }: Pick<AlertPolicy, "conditions">): boolean {
  return conditions.some(({ conditionMatchedLog }) => conditionMatchedLog !== undefined);
}

function ratePeriodMs({ alertStrategy }: Pick<AlertPolicy, "alertStrategy">): number {
  return toMs(alertStrategy?.notificationRateLimit?.period ?? "0s");
}

const TOPIC = /^projects\/[^/]+\/topics\/[^/]+$/;

/** google.monitoring.v3.NotificationChannel in JSON. Source: google/monitoring/v3/notification.proto */
const NotificationChannel = z.strictObject({
  name: z.string(),
  type: z.literal("pubsub"),
  displayName: upTo(NAME_MAX).optional(),
  description: upTo(DESCRIPTION_MAX).optional(),
  labels: z
    .record(z.string(), z.string())
    .refine(
      ({ topic = "", ...others }) => TOPIC.test(topic) && Object.keys(others).length === 0,
      "a channel of type pubsub has only the label topic, projects/P/topics/T",
    ),
  userLabels: UserLabels,
  enabled: z.boolean().optional(),
  creationRecord: Mutation.optional(),
  mutationRecords: z.array(Mutation).optional(),
});

/** A channel as it is kept. */
export type NotificationChannel = z.infer<typeof NotificationChannel>;

/**
 * Checks a policy as it is to be kept. That its channels exist is for the caller to check.
 * @throws GoogleError INVALID_ARGUMENT that names the field at fault, UNIMPLEMENTED for one that is not here
 */
export function checkPolicy(policy: object): AlertPolicy {
  return checkFields(WholePolicy, policy);
}

/** Checks a channel as it is to be kept. @throws GoogleError as `checkPolicy`; UNIMPLEMENTED for another type */
export function checkChannel(channel: object): NotificationChannel {
  const { type = "pubsub" }: { readonly type?: string } = channel;
  if (type !== "pubsub") {
    throw notHere(`channels of the type ${type}`);
  }
  return checkFields(NotificationChannel, channel);
}

/** What the API has, which the server checked, and the schema has not is not here. */
function checkFields<T>(schema: z.ZodType<T>, message: object): T {
  const parsed = schema.safeParse(message, { reportInput: true });
  if (parsed.success) {
    return parsed.data;
  }
  const { issues } = parsed.error;
  const strange = issues.find((issue) => issue.code === "unrecognized_keys");
  if (strange !== undefined) {
    throw notHere([...strange.path, strange.keys[0]].join("."));
  }
  const { path = [], input, message: why = "" } = issues[0] ?? {};
  const field = toPath("", path);
  const value = typeof input === "string" ? input : JSON.stringify(input ?? "");
  const reason = input === undefined ? "it is required" : why;
  throw badRequest(field, `Field ${field} had an invalid value of "${value}": ${reason}`);
}

function notHere(what: string): GoogleError {
  return googleError("UNIMPLEMENTED", `The emulator does not implement ${what}.`);
}
