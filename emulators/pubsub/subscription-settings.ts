import { badRequest, googleError } from "../kit/google-error.ts";
import { parseFilter } from "./filter.ts";

/** google.pubsub.v1.PushConfig in JSON. */
export type PushConfigJson = {
  readonly pushEndpoint?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly oidcToken?: { readonly serviceAccountEmail?: string; readonly audience?: string };
  readonly noWrapper?: object;
};

/** google.pubsub.v1.Subscription in JSON, as far as it is covered, without its name. */
export type SubscriptionDraft = {
  readonly topic?: string;
  readonly pushConfig?: PushConfigJson;
  readonly ackDeadlineSeconds?: number;
  readonly messageRetentionDuration?: string;
  readonly enableMessageOrdering?: boolean;
  readonly expirationPolicy?: { readonly ttl?: string };
  readonly filter?: string;
  readonly deadLetterPolicy?: {
    readonly deadLetterTopic?: string;
    readonly maxDeliveryAttempts?: number;
  };
  readonly retryPolicy?: { readonly minimumBackoff?: string; readonly maximumBackoff?: string };
  readonly detached?: boolean;
};

/** A subscription. */
export type SubscriptionJson = SubscriptionDraft & { readonly name: string };

const ACK_DEADLINE_DEFAULT_SECONDS = 10;
const ACK_DEADLINE_RANGE = { minSeconds: 10, maxSeconds: 600 };
const DAY_SECONDS = 86_400;
const RETENTION_DEFAULT = `${7 * DAY_SECONDS}s`;
const RETENTION_RANGE = { minSeconds: 600, maxSeconds: 31 * DAY_SECONDS };
const EXPIRATION_DEFAULT = `${31 * DAY_SECONDS}s`;
const EXPIRATION_RANGE = { minSeconds: DAY_SECONDS, maxSeconds: Infinity };
const BACKOFF_RANGE = { minSeconds: 0, maxSeconds: 600 };
const BACKOFF_DEFAULT = { minimumBackoff: "10s", maximumBackoff: "600s" };
const ATTEMPTS_DEFAULT = 5;
const ATTEMPTS_MAX = 100;

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
export function completeSettings(settings: SubscriptionDraft): SubscriptionDraft {
  const { retryPolicy, deadLetterPolicy } = settings;
  const completed = {
    ...settings,
    pushConfig: completePush(settings.pushConfig ?? {}),
    ackDeadlineSeconds: checkAckDeadline(settings.ackDeadlineSeconds),
    messageRetentionDuration: settings.messageRetentionDuration ?? RETENTION_DEFAULT,
    expirationPolicy: settings.expirationPolicy ?? { ttl: EXPIRATION_DEFAULT },
    ...(deadLetterPolicy && { deadLetterPolicy: completeDeadLetter(deadLetterPolicy) }),
    ...(retryPolicy && { retryPolicy: { ...BACKOFF_DEFAULT, ...retryPolicy } }),
    state: "ACTIVE",
  };
  parseFilter(settings.filter ?? "");
  retentionMs(completed);
  backoffMs(completed);
  const { ttl } = completed.expirationPolicy;
  if (ttl !== undefined) {
    requireDuration("expirationPolicy.ttl", ttl, EXPIRATION_RANGE);
  }
  return completed;
}

/** How long a message is kept after it was published, in milliseconds. */
export function retentionMs({ messageRetentionDuration }: SubscriptionDraft): number {
  const text = messageRetentionDuration ?? RETENTION_DEFAULT;
  return requireDuration("messageRetentionDuration", text, RETENTION_RANGE);
}

/** How long a subscriber has to acknowledge, in milliseconds. */
export function ackDeadlineMs(settings: SubscriptionDraft): number {
  return (settings.ackDeadlineSeconds ?? ACK_DEADLINE_DEFAULT_SECONDS) * 1_000;
}

/** Where messages are pushed to; undefined for a subscription that is pulled from. */
export function pushEndpoint({ pushConfig }: SubscriptionDraft): string | undefined {
  return pushConfig?.pushEndpoint === "" ? undefined : pushConfig?.pushEndpoint;
}

/** How long a message waits after its n-th failure, in milliseconds; it doubles from one to the next. */
export function retryDelayMs(settings: SubscriptionDraft, failures: number): number {
  const { minimum, maximum } = backoffMs(settings);
  return Math.min(minimum * 2 ** (failures - 1), maximum);
}

/** The topic for messages that fail too often, and how often that is; undefined without a policy. */
export function deadLetter({
  deadLetterPolicy: policy,
}: SubscriptionDraft): { readonly topic: string; readonly attemptsMax: number } | undefined {
  const topic = policy?.deadLetterTopic ?? "";
  const attemptsMax = policy?.maxDeliveryAttempts ?? ATTEMPTS_DEFAULT;
  return topic === "" ? undefined : { topic, attemptsMax };
}

/**
 * Checks an ack deadline, in seconds; 0 and none are the default.
 * @throws GoogleError INVALID_ARGUMENT outside of 10 to 600.
 */
export function checkAckDeadline(seconds = 0): number {
  const checked = seconds === 0 ? ACK_DEADLINE_DEFAULT_SECONDS : seconds;
  requireDuration("ackDeadlineSeconds", `${checked}s`, ACK_DEADLINE_RANGE);
  return checked;
}

/** A setting that is a google.protobuf.Duration in JSON, such as `1.5s`, in milliseconds. */
function requireDuration(
  field: string,
  text: string,
  { minSeconds, maxSeconds }: { readonly minSeconds: number; readonly maxSeconds: number },
): number {
  const seconds = Number(/^(-?\d+(?:\.\d{1,9})?)s$/.exec(text)?.[1] ?? NaN);
  if (!(seconds >= minSeconds && seconds <= maxSeconds)) {
    throw badRequest(
      field,
      `${field} must be between ${minSeconds}s and ${maxSeconds}s, not ${text}`,
    );
  }
  return seconds * 1_000;
}

type Backoff = { readonly minimum: number; readonly maximum: number };

function backoffMs(settings: SubscriptionDraft): Backoff {
  const { retryPolicy } = settings;
  if (retryPolicy === undefined) {
    return pushEndpoint(settings) === undefined ? { minimum: 0, maximum: 0 } : PUSH_BACKOFF_MS;
  }
  const { minimumBackoff, maximumBackoff } = { ...BACKOFF_DEFAULT, ...retryPolicy };
  const minimum = requireDuration("retryPolicy.minimumBackoff", minimumBackoff, BACKOFF_RANGE);
  const maximum = requireDuration("retryPolicy.maximumBackoff", maximumBackoff, BACKOFF_RANGE);
  if (minimum > maximum) {
    throw badRequest("retryPolicy", "minimumBackoff must not be more than maximumBackoff");
  }
  return { minimum, maximum };
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

function completeDeadLetter(
  policy: NonNullable<SubscriptionDraft["deadLetterPolicy"]>,
): NonNullable<SubscriptionDraft["deadLetterPolicy"]> {
  const { deadLetterTopic = "", maxDeliveryAttempts: asked = 0 } = policy;
  const attempts = asked === 0 ? ATTEMPTS_DEFAULT : asked;
  if (attempts < ATTEMPTS_DEFAULT || attempts > ATTEMPTS_MAX) {
    throw googleError(
      "OUT_OF_RANGE",
      `max_delivery_attempts must be between ${ATTEMPTS_DEFAULT} and ${ATTEMPTS_MAX}, not ${attempts}`,
    );
  }
  if (deadLetterTopic === "") {
    throw badRequest("deadLetterPolicy.deadLetterTopic", "A dead letter policy needs a topic");
  }
  return { ...policy, maxDeliveryAttempts: attempts };
}
