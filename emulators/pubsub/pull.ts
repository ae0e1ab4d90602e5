import type { Clock, Timer } from "../kit/clock.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Leased } from "./backlog.ts";
import type { Delivery } from "./delivery.ts";
import { toMessageJson, type MessageJson } from "./message.ts";
import { requireAttached, type PubsubState } from "./state.ts";
import { deadLetter, pushEndpoint, type SubscriptionJson } from "./subscription-settings.ts";

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

/** The parts of the emulator that delivering needs. */
export type DeliveryContext = {
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
 * Subscriber.Pull: what is there, or the first that comes within five seconds on the clock.
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION for a detached or a push subscription,
 * INVALID_ARGUMENT without a positive maximum.
 */
export async function pull(
  context: DeliveryContext,
  request: PullRequest,
  signal: AbortSignal,
): Promise<PullResponse> {
  const { config } = requireAttached(context.state, request.subscription);
  const messagesMax = Math.min(request.maxMessages ?? 0, MESSAGES_MAX);
  if (messagesMax <= 0) {
    throw badRequest("maxMessages", "max_messages must be a positive number");
  }
  requirePullable(config);
  const waitMs = request.returnImmediately === true ? 0 : WAIT_MS;
  const leased = await takeMessages(context, { name: config.name, messagesMax, waitMs, signal });
  return { receivedMessages: leased.map((one) => toReceived(config, one)) };
}

/**
 * Refuses what takes messages from a push subscription.
 * @throws GoogleError FAILED_PRECONDITION
 */
export function requirePullable(config: SubscriptionJson): void {
  if (pushEndpoint(config) !== undefined) {
    throw googleError("FAILED_PRECONDITION", `${config.name} is a push subscription`);
  }
}

/** A message as a pull gives it. The attempt is told only where there is a dead-letter policy. */
export function toReceived(config: SubscriptionJson, { entry, lease }: Leased): ReceivedMessage {
  return {
    ackId: lease.ackId,
    message: toMessageJson(entry.message),
    ...(deadLetter(config) === undefined ? {} : { deliveryAttempt: entry.failures + 1 }),
  };
}

function takeMessages(
  { delivery, clock }: DeliveryContext,
  wanted: {
    readonly name: string;
    readonly messagesMax: number;
    readonly waitMs: number;
    /** Aborted when the caller has gone, who must then get nothing any more. */
    readonly signal: AbortSignal;
  },
): Promise<readonly Leased[]> {
  const { name, messagesMax, waitMs, signal } = wanted;
  const { promise, resolve, reject } = Promise.withResolvers<readonly Leased[]>();
  let timer: Timer | undefined;
  let isOver = false;
  const detach = delivery.attach(name, {
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
  if (!isOver && waitMs === 0) {
    end(() => resolve([]));
  } else if (!isOver) {
    timer = clock.at(clock.now() + waitMs, () => end(() => resolve([])));
  }
  return promise;
}
