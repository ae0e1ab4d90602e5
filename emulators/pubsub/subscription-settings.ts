import { badRequest, googleError } from "../kit/google-error.ts";
import { parseDuration, requireDuration, toDuration } from "./duration.ts";
import { parseFilter } from "./filter.ts";

/** google.pubsub.v1.PushConfig in JSON. */
export type PushConfigJson = {
  readonly pushEndpoint?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly oidcToken?: { readonly serviceAccountEmail?: string; readonly audience?: string };
  readonly pubsubWrapper?: object;
  readonly noWrapper?: { readonly writeMetadata?: boolean };
};

/** google.pubsub.v1.Subscription in JSON, as far as it is covered. */
export type SubscriptionJson = {
  readonly name: string;
  readonly topic: string;
  readonly pushConfig?: PushConfigJson;
  readonly ackDeadlineSeconds?: number;
  readonly retainAckedMessages?: boolean;
  readonly messageRetentionDuration?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly enableMessageOrdering?: boolean;
  readonly expirationPolicy?: { readonly ttl?: string };
  readonly filter?: string;
  readonly deadLetterPolicy?: {
    readonly deadLetterTopic?: string;
    readonly maxDeliveryAttempts?: number;
  };
  readonly retryPolicy?: { readonly minimumBackoff?: string; readonly maximumBackoff?: string };
  readonly detached?: boolean;
  readonly enableExactlyOnceDelivery?: boolean;
  readonly topicMessageRetentionDuration?: string;
  readonly state?: string;
};

const ACK_DEADLINE_DEFAULT_SECONDS = 10;
const ACK_DEADLINE_RANGE = { minSeconds: 10, maxSeconds: 600 };
const DAY_SECONDS = 86_400;
const RETENTION_DEFAULT = `${7 * DAY_SECONDS}s`;
const RETENTION_RANGE = { minSeconds: 600, maxSeconds: 31 * DAY_SECONDS };
const EXPIRATION_DEFAULT = `${31 * DAY_SECONDS}s`;
const EXPIRATION_RANGE = { minSeconds: DAY_SECONDS, maxSeconds: Number.MAX_SAFE_INTEGER };
const BACKOFF_RANGE = { minSeconds: 0, maxSeconds: 600 };
const BACKOFF_DEFAULT_MS = { minimum: 10_000, maximum: 600_000 };
const ATTEMPTS_DEFAULT = 5;
const ATTEMPTS_MAX = 100;

/**
 * Pub/Sub slows pushes down by itself, from 100 ms to 60 s, even without a retry policy.
 * Source: https://cloud.google.com/pubsub/docs/push#push_backoff
 */
const PUSH_BACKOFF_MS = { minimum: 100, maximum: 60_000 };

const OTHER_DELIVERIES = new Set([
  "bigqueryConfig",
  "cloudStorageConfig",
  "bigtableConfig",
  "messageTransforms",
]);

/**
 * A subscription's settings with the service's defaults filled in.
 * Source: https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#Subscription
 * @throws GoogleError INVALID_ARGUMENT for a setting out of its range, UNIMPLEMENTED for a delivery
 * that is not emulated.
 */
export function completeSettings(settings: SubscriptionJson): SubscriptionJson {
  refuseOtherDeliveries(settings);
  const completed: SubscriptionJson = {
    ...settings,
    pushConfig: completePush(settings.pushConfig ?? {}),
    ackDeadlineSeconds: checkAckDeadline(settings.ackDeadlineSeconds),
    messageRetentionDuration: settings.messageRetentionDuration ?? RETENTION_DEFAULT,
    expirationPolicy: settings.expirationPolicy ?? { ttl: EXPIRATION_DEFAULT },
    ...(settings.deadLetterPolicy === undefined
      ? {}
      : { deadLetterPolicy: completeDeadLetter(settings.deadLetterPolicy) }),
    ...(settings.retryPolicy === undefined
      ? {}
      : { retryPolicy: completeRetry(settings.retryPolicy) }),
    state: "ACTIVE",
  };
  parseFilter(completed.filter ?? "");
  retentionMs(completed);
  if (completed.expirationPolicy?.ttl !== undefined) {
    requireDuration("expirationPolicy.ttl", completed.expirationPolicy.ttl, EXPIRATION_RANGE);
  }
  return completed;
}

/** How long a message is kept after it was published, in milliseconds. */
export function retentionMs(settings: SubscriptionJson): number {
  const text = settings.messageRetentionDuration ?? RETENTION_DEFAULT;
  return requireDuration("messageRetentionDuration", text, RETENTION_RANGE);
}

/** How long a subscriber has to acknowledge, in milliseconds. */
export function ackDeadlineMs(settings: SubscriptionJson): number {
  return (settings.ackDeadlineSeconds ?? ACK_DEADLINE_DEFAULT_SECONDS) * 1_000;
}

/** Where messages are pushed to; undefined for a subscription that is pulled from. */
export function pushEndpoint(settings: SubscriptionJson): string | undefined {
  const endpoint = settings.pushConfig?.pushEndpoint ?? "";
  return endpoint === "" ? undefined : endpoint;
}

/** How long a message waits after its n-th failure, in milliseconds; it doubles from one to the next. */
export function retryDelayMs(settings: SubscriptionJson, failures: number): number {
  const { retryPolicy } = settings;
  if (retryPolicy === undefined) {
    return pushEndpoint(settings) === undefined ? 0 : backoffMs(PUSH_BACKOFF_MS, failures);
  }
  const minimum = parseDuration(retryPolicy.minimumBackoff ?? "") ?? BACKOFF_DEFAULT_MS.minimum;
  const maximum = parseDuration(retryPolicy.maximumBackoff ?? "") ?? BACKOFF_DEFAULT_MS.maximum;
  return backoffMs({ minimum, maximum }, failures);
}

/** The topic for messages that fail too often, and how often that is; undefined without a policy. */
export function deadLetter(
  settings: SubscriptionJson,
): { readonly topic: string; readonly attemptsMax: number } | undefined {
  const policy = settings.deadLetterPolicy;
  return policy?.deadLetterTopic === undefined || policy.deadLetterTopic === ""
    ? undefined
    : {
        topic: policy.deadLetterTopic,
        attemptsMax: policy.maxDeliveryAttempts ?? ATTEMPTS_DEFAULT,
      };
}

/**
 * Checks an ack deadline, in seconds; 0 and none are the default.
 * @throws GoogleError INVALID_ARGUMENT outside of 10 to 600.
 */
export function checkAckDeadline(seconds: number | undefined): number {
  const checked = seconds === undefined || seconds === 0 ? ACK_DEADLINE_DEFAULT_SECONDS : seconds;
  requireDuration("ackDeadlineSeconds", `${checked}s`, ACK_DEADLINE_RANGE);
  return checked;
}

function backoffMs(
  range: { readonly minimum: number; readonly maximum: number },
  failures: number,
): number {
  return Math.min(range.minimum * 2 ** (failures - 1), range.maximum);
}

function refuseOtherDeliveries(settings: object): void {
  const field = Object.keys(settings).find((name) => OTHER_DELIVERIES.has(name));
  if (field !== undefined) {
    throw googleError("UNIMPLEMENTED", `This emulator does not cover Subscription.${field}`);
  }
}

function completePush(push: PushConfigJson): PushConfigJson {
  const endpoint = push.pushEndpoint ?? "";
  if (endpoint === "") {
    return {};
  }
  if (!URL.canParse(endpoint) || !/^https?:/u.test(endpoint)) {
    throw badRequest(
      "pushConfig.pushEndpoint",
      `Invalid push endpoint given (endpoint=${endpoint})`,
    );
  }
  return { ...push, attributes: { "x-goog-version": "v1", ...push.attributes } };
}

function completeDeadLetter(
  policy: NonNullable<SubscriptionJson["deadLetterPolicy"]>,
): NonNullable<SubscriptionJson["deadLetterPolicy"]> {
  const asked = policy.maxDeliveryAttempts ?? 0;
  const attempts = asked === 0 ? ATTEMPTS_DEFAULT : asked;
  if (attempts < ATTEMPTS_DEFAULT || attempts > ATTEMPTS_MAX) {
    throw googleError(
      "OUT_OF_RANGE",
      `max_delivery_attempts must be between ${ATTEMPTS_DEFAULT} and ${ATTEMPTS_MAX}, not ${attempts}`,
    );
  }
  return { ...policy, maxDeliveryAttempts: attempts };
}

function completeRetry(
  policy: NonNullable<SubscriptionJson["retryPolicy"]>,
): NonNullable<SubscriptionJson["retryPolicy"]> {
  const minimumBackoff = policy.minimumBackoff ?? toDuration(BACKOFF_DEFAULT_MS.minimum);
  const maximumBackoff = policy.maximumBackoff ?? toDuration(BACKOFF_DEFAULT_MS.maximum);
  const minimum = requireDuration("retryPolicy.minimumBackoff", minimumBackoff, BACKOFF_RANGE);
  const maximum = requireDuration("retryPolicy.maximumBackoff", maximumBackoff, BACKOFF_RANGE);
  if (minimum > maximum) {
    throw badRequest("retryPolicy", "minimumBackoff must not be more than maximumBackoff");
  }
  return { ...policy, minimumBackoff, maximumBackoff };
}
