import { badRequest, googleError } from "../kit/google-error.ts";
import { parseFilter } from "./filter.ts";

/** google.pubsub.v1.PushConfig in JSON. */
export type PushConfigJson = {
  readonly pushEndpoint?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly oidcToken?: { readonly serviceAccountEmail?: string; readonly audience?: string };
  readonly noWrapper?: object;
};

type DeadLetterPolicy = {
  readonly deadLetterTopic?: string;
  readonly maxDeliveryAttempts?: number;
};
type RetryPolicy = { readonly minimumBackoff?: string; readonly maximumBackoff?: string };

/** google.pubsub.v1.Subscription in JSON, as far as it is covered: what its owner may say. */
export type SubscriptionDraft = {
  readonly topic?: string;
  readonly pushConfig?: PushConfigJson;
  readonly ackDeadlineSeconds?: number;
  readonly messageRetentionDuration?: string;
  readonly enableMessageOrdering?: boolean;
  readonly expirationPolicy?: { readonly ttl?: string };
  readonly filter?: string;
  readonly deadLetterPolicy?: DeadLetterPolicy;
  readonly retryPolicy?: RetryPolicy;
  readonly detached?: boolean;
};

/** What is there once the defaults are filled in. */
export type SubscriptionOwn = {
  readonly state: "ACTIVE";
  /** Without an endpoint where messages are pulled. */
  readonly pushConfig: PushConfigJson;
  readonly ackDeadlineSeconds: number;
  readonly messageRetentionDuration: string;
  readonly expirationPolicy: { readonly ttl?: string };
  readonly deadLetterPolicy?: Required<DeadLetterPolicy>;
  readonly retryPolicy?: Required<RetryPolicy>;
};

/** A subscription. */
export type SubscriptionJson = SubscriptionDraft & SubscriptionOwn & { readonly name: string };

const DAY_SECONDS = 86_400;
const ACK_DEADLINE_DEFAULT_SECONDS = 10;
const RETENTION_DEFAULT = `${7 * DAY_SECONDS}s`;
const EXPIRATION_DEFAULT = `${31 * DAY_SECONDS}s`;
const BACKOFF_DEFAULT = { minimumBackoff: "10s", maximumBackoff: "600s" };
const ATTEMPTS_DEFAULT = 5;
const ATTEMPTS_MAX = 100;

/** From how many to how many seconds something may last. */
const RANGES = {
  ackDeadlineSeconds: [10, 600],
  messageRetentionDuration: [600, 31 * DAY_SECONDS],
  "expirationPolicy.ttl": [DAY_SECONDS, Infinity],
  "retryPolicy.minimumBackoff": [0, 600],
  "retryPolicy.maximumBackoff": [0, 600],
} as const;

/**
 * Pub/Sub slows pushes down by itself, from 100 ms to 60 s, even without a retry policy.
 * Source: https://cloud.google.com/pubsub/docs/push#push_backoff
 */
const PUSH_BACKOFF_MS = { minimum: 100, maximum: 60_000 };

/**
 * A subscription's settings with the service's defaults filled in.
 * Source: https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#Subscription
 * @throws GoogleError INVALID_ARGUMENT for a setting out of its range, UNIMPLEMENTED for one that is not covered.
 */
export function completeSettings(
  settings: SubscriptionDraft,
): Omit<SubscriptionDraft, "deadLetterPolicy" | "retryPolicy"> & SubscriptionOwn {
  const { retryPolicy, deadLetterPolicy, expirationPolicy, ...others } = settings;
  const completed: SubscriptionOwn = {
    state: "ACTIVE",
    pushConfig: completePush(settings.pushConfig ?? {}),
    ackDeadlineSeconds: checkAckDeadline(settings.ackDeadlineSeconds),
    messageRetentionDuration: settings.messageRetentionDuration ?? RETENTION_DEFAULT,
    expirationPolicy: expirationPolicy ?? { ttl: EXPIRATION_DEFAULT },
    ...(deadLetterPolicy && { deadLetterPolicy: completeDeadLetter(deadLetterPolicy) }),
    ...(retryPolicy && { retryPolicy: { ...BACKOFF_DEFAULT, ...retryPolicy } }),
  };
  parseFilter(settings.filter ?? "");
  retentionMs(completed);
  const { minimum, maximum } = backoffMs(completed);
  if (minimum > maximum) {
    throw badRequest("retryPolicy", "minimumBackoff must not be more than maximumBackoff");
  }
  durationMs("expirationPolicy.ttl", expirationPolicy?.ttl ?? EXPIRATION_DEFAULT);
  return { ...others, ...completed };
}

/** How long a message is kept after it was published, in milliseconds. */
export function retentionMs({ messageRetentionDuration }: SubscriptionOwn): number {
  return durationMs("messageRetentionDuration", messageRetentionDuration);
}

/** How long a message waits after its n-th failure, in milliseconds; it doubles from one to the next. */
export function retryDelayMs(settings: SubscriptionOwn, failures: number): number {
  const { minimum, maximum } = backoffMs(settings);
  return Math.min(minimum * 2 ** (failures - 1), maximum);
}

/**
 * Checks an ack deadline, in seconds; 0 and none are the default.
 * @throws GoogleError INVALID_ARGUMENT outside of 10 to 600.
 */
export function checkAckDeadline(seconds = 0): number {
  const checked = seconds === 0 ? ACK_DEADLINE_DEFAULT_SECONDS : seconds;
  durationMs("ackDeadlineSeconds", `${checked}s`);
  return checked;
}

/** A setting that is a google.protobuf.Duration in JSON, such as `1.5s`, in milliseconds. */
function durationMs(field: keyof typeof RANGES, text: string): number {
  const [least, most] = RANGES[field];
  const seconds = Number(/^(-?\d+(?:\.\d{1,9})?)s$/.exec(text)?.[1] ?? NaN);
  if (!(seconds >= least && seconds <= most)) {
    throw badRequest(field, `${field} must be between ${least}s and ${most}s, not ${text}`);
  }
  return seconds * 1_000;
}

function backoffMs({ retryPolicy, pushConfig }: SubscriptionOwn): {
  readonly minimum: number;
  readonly maximum: number;
} {
  if (retryPolicy === undefined) {
    return pushConfig.pushEndpoint === undefined ? { minimum: 0, maximum: 0 } : PUSH_BACKOFF_MS;
  }
  return {
    minimum: durationMs("retryPolicy.minimumBackoff", retryPolicy.minimumBackoff),
    maximum: durationMs("retryPolicy.maximumBackoff", retryPolicy.maximumBackoff),
  };
}

function completePush(push: PushConfigJson): PushConfigJson {
  const { pushEndpoint: endpoint = "", noWrapper, attributes } = push;
  if (endpoint === "") {
    return {};
  }
  if (noWrapper !== undefined) {
    throw googleError("UNIMPLEMENTED", "This emulator does not cover PushConfig.noWrapper");
  }
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint)) {
    throw badRequest(
      "pushConfig.pushEndpoint",
      `Invalid push endpoint given (endpoint=${endpoint})`,
    );
  }
  return { ...push, attributes: { "x-goog-version": "v1", ...attributes } };
}

function completeDeadLetter(policy: DeadLetterPolicy): Required<DeadLetterPolicy> {
  const { deadLetterTopic = "", maxDeliveryAttempts: asked = 0 } = policy;
  const maxDeliveryAttempts = asked === 0 ? ATTEMPTS_DEFAULT : asked;
  if (maxDeliveryAttempts < ATTEMPTS_DEFAULT || maxDeliveryAttempts > ATTEMPTS_MAX) {
    throw googleError(
      "OUT_OF_RANGE",
      `max_delivery_attempts must be between ${ATTEMPTS_DEFAULT} and ${ATTEMPTS_MAX}, not ${maxDeliveryAttempts}`,
    );
  }
  if (deadLetterTopic === "") {
    throw badRequest("deadLetterPolicy.deadLetterTopic", "A dead letter policy needs a topic");
  }
  return { deadLetterTopic, maxDeliveryAttempts };
}
