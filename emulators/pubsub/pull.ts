import type { Clock, Timer } from "../kit/clock.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Delivery } from "./delivery.ts";
import type { Lease } from "./lanes.ts";
import { toMessageJson, type MessageJson } from "./message.ts";
import { requireAttached, type PubsubState } from "./state.ts";
import type { SubscriptionJson } from "./subscription-settings.ts";

/** google.pubsub.v1.ReceivedMessage in JSON. */
export type ReceivedMessage = {
  readonly ackId: string;
  readonly message: MessageJson;
  readonly deliveryAttempt?: number;
};

/** google.pubsub.v1.PullRequest in JSON. */
export type PullRequest = {
  readonly subscription?: string;
  readonly returnImmediately?: boolean;
  readonly maxMessages?: number;
};

/** google.pubsub.v1.PullResponse in JSON. */
export type PullResponse = { readonly receivedMessages: readonly ReceivedMessage[] };

/** The emulator without its server: the state, and what brings its messages to those who take them. */
export type Exchange = {
  readonly state: PubsubState;
  readonly delivery: Delivery;
  readonly clock: Clock;
};

const MESSAGES_MAX = 1_000;

/** Keeps an answer below what gRPC clients accept by default, unless one message alone is larger. */
const BYTES_MAX = 2_000_000;

/** How long a pull waits for a first message. The service says only "a bounded amount of time". */
const WAIT_MS = 5_000;

/**
 * Subscriber.Pull: what is there, or the first that comes within five seconds on the clock. A caller who has gone, as the
 * signal says, gets nothing any more.
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION for a detached or a push subscription,
 * INVALID_ARGUMENT without a positive maximum.
 */
export async function pull(
  { state, delivery, clock }: Exchange,
  request: PullRequest,
  signal: AbortSignal,
): Promise<PullResponse> {
  const messagesMax = Math.min(request.maxMessages ?? 0, MESSAGES_MAX);
  const config = requirePullable(state, request.subscription);
  if (messagesMax <= 0) {
    throw badRequest("maxMessages", "max_messages must be a positive number");
  }
  const { promise, resolve, reject } = Promise.withResolvers<readonly Lease[]>();
  let timer: Timer | undefined;
  let isOver = false;
  const detach = delivery.attach(config.name, {
    messagesMax,
    bytesMax: BYTES_MAX,
    isSerial: false,
    receive: (messages) => end(() => resolve(messages)),
    refuse: (error) => end(() => reject(error)),
  });
  function end(answer: () => void): void {
    isOver = true;
    timer?.cancel();
    detach();
    answer();
  }
  signal.addEventListener("abort", () => end(() => resolve([])));
  delivery.run();
  if (!isOver && request.returnImmediately === true) {
    end(() => resolve([]));
  } else if (!isOver) {
    timer = clock.at(clock.now() + WAIT_MS, () => end(() => resolve([])));
  }
  return { receivedMessages: (await promise).map((one) => toReceived(config, one)) };
}

/**
 * The settings of a subscription that messages can be pulled from.
 * @throws GoogleError NOT_FOUND, or FAILED_PRECONDITION for one that is pushed or detached.
 */
export function requirePullable(state: PubsubState, name: string | undefined): SubscriptionJson {
  const { config } = requireAttached(state, name);
  if (config.pushConfig.pushEndpoint !== undefined) {
    throw googleError("FAILED_PRECONDITION", `${config.name} is a push subscription`);
  }
  return config;
}

/** A message as a pull gives it. The attempt is told only where there is a dead-letter policy. */
export function toReceived(config: SubscriptionJson, { entry, ackId }: Lease): ReceivedMessage {
  return {
    ackId,
    message: toMessageJson(entry.message),
    ...(config.deadLetterPolicy && { deliveryAttempt: entry.failures + 1 }),
  };
}
