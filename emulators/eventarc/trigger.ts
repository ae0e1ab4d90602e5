import { toDuration } from "../pubsub/duration.ts";
import { toProject } from "../pubsub/names.ts";
import type { SubscriptionJson } from "../pubsub/subscription-settings.ts";

/** What carries the messages of a topic to a function. */
export type Trigger = {
  readonly name: string;
  /** `projects/P/topics/T` */
  readonly topic: string;
  /** The URL that events are posted to. */
  readonly destination: string;
  /** Whether a failed event is delivered again; otherwise it is dropped after one failure. */
  readonly retry: boolean;
  /** The wait after the first failure, which doubles from one to the next; 10 s when left out. */
  readonly minimumBackoffMs?: number;
  /** The longest wait; 600 s when left out. */
  readonly maximumBackoffMs?: number;
  /** How long the function has for an event; 10 to 600 s, and 600 s when left out. */
  readonly ackDeadlineMs?: number;
  /** How many events it gets at once; 80 when left out. */
  readonly concurrencyMax?: number;
  /** Where an event goes after so many attempts, 5 to 100; without it, it is dropped after 24 hours. */
  readonly deadLetter?: { readonly topic: string; readonly attemptsMax: number };
  /** The account whose ID token goes along; none when left out. */
  readonly serviceAccount?: string;
};

/** A function's default concurrency, as the local cloud runs it. */
export const CONCURRENCY_DEFAULT = 80;

/**
 * Eventarc gives up after 24 hours, which is the retention of its subscriptions.
 * Source: https://cloud.google.com/eventarc/docs/retry-events
 */
const RETENTION_MS = 86_400_000;

const BACKOFF_DEFAULT_MS = { minimum: 10_000, maximum: 600_000 };
const ACK_DEADLINE_DEFAULT_MS = 600_000;

/** Real names end in a number of three digits. */
const NUMBER_MIN = 100;
const NUMBER_COUNT = 900;

/**
 * The subscription that a trigger has. Its name is derived from the trigger's, so that after a restart
 * the same trigger finds the messages that it had not delivered.
 */
export function toSubscription(trigger: Trigger, region: string): SubscriptionJson {
  const { name, topic, destination, deadLetter } = trigger;
  const id = `eventarc-${region}-${name}-sub-${toNumber(`${region} ${name} ${topic}`)}`;
  return {
    name: `projects/${toProject(topic)}/subscriptions/${id}`,
    topic,
    pushConfig: {
      pushEndpoint: destination,
      ...(trigger.serviceAccount === undefined
        ? {}
        : { oidcToken: { serviceAccountEmail: trigger.serviceAccount, audience: destination } }),
    },
    ackDeadlineSeconds: (trigger.ackDeadlineMs ?? ACK_DEADLINE_DEFAULT_MS) / 1_000,
    messageRetentionDuration: toDuration(RETENTION_MS),
    // An empty policy means that the subscription never expires.
    expirationPolicy: {},
    retryPolicy: {
      minimumBackoff: toDuration(trigger.minimumBackoffMs ?? BACKOFF_DEFAULT_MS.minimum),
      maximumBackoff: toDuration(trigger.maximumBackoffMs ?? BACKOFF_DEFAULT_MS.maximum),
    },
    ...(deadLetter === undefined
      ? {}
      : {
          deadLetterPolicy: {
            deadLetterTopic: deadLetter.topic,
            maxDeliveryAttempts: deadLetter.attemptsMax,
          },
        }),
  };
}

function toNumber(text: string): number {
  let sum = 0;
  for (const byte of Buffer.from(text)) {
    sum = (sum * 31 + byte) % NUMBER_COUNT;
  }
  return NUMBER_MIN + sum;
}
