import type { BidiStream, Call } from "../kit/call.ts";
import { badRequest, toGoogleError } from "../kit/google-error.ts";
import { createMessageQueue, type MessageQueue } from "../kit/message-queue.ts";
import type { Leased } from "./backlog.ts";
import { extend, acknowledgeAll } from "./operations-messages.ts";
import type { CarrierContext } from "./carrier.ts";
import { requirePullable, toReceived, type ReceivedMessage } from "./pull.ts";
import { requireAttached } from "./state.ts";
import { checkAckDeadline, type SubscriptionJson } from "./subscription-settings.ts";

/** google.pubsub.v1.StreamingPullRequest in JSON. */
type StreamRequest = {
  readonly subscription?: string;
  readonly ackIds?: readonly string[];
  readonly modifyDeadlineSeconds?: readonly number[];
  readonly modifyDeadlineAckIds?: readonly string[];
  readonly streamAckDeadlineSeconds?: number;
  readonly maxOutstandingMessages?: string;
  readonly maxOutstandingBytes?: string;
  readonly protocolVersion?: string;
};

type Confirmation = {
  readonly ackIds: readonly string[];
  readonly invalidAckIds: readonly string[];
};

/** google.pubsub.v1.StreamingPullResponse in JSON. */
type StreamResponse = {
  readonly receivedMessages?: readonly ReceivedMessage[];
  readonly acknowledgeConfirmation?: Confirmation;
  readonly modifyAckDeadlineConfirmation?: Confirmation;
  readonly subscriptionProperties?: {
    readonly exactlyOnceDeliveryEnabled: boolean;
    readonly messageOrderingEnabled: boolean;
  };
};

/** An open stream. Only the ack deadline can be changed while it lasts. */
type Session = {
  readonly subscription: string;
  readonly answers: MessageQueue<StreamResponse>;
  deadlineSeconds: number;
};

const BATCH_MESSAGES_MAX = 100;
const BATCH_BYTES_MAX = 1_000_000;

const INITIAL_ONLY = [
  "subscription",
  "maxOutstandingMessages",
  "maxOutstandingBytes",
  "protocolVersion",
] as const;

/**
 * Subscriber.StreamingPull. Messages go out as they come, up to the flow control of the first request;
 * acknowledgements come in on the stream or by the unary calls. A request with nothing in it keeps the
 * stream alive and gets an empty answer.
 */
export function streamingPull(context: CarrierContext): BidiStream {
  return (requests, call) => {
    const answers = createMessageQueue<StreamResponse>();
    void serve(context, { requests, call, answers });
    return answers.messages;
  };
}

async function serve(
  context: CarrierContext,
  stream: {
    // The server has checked each request against the API's message, of which this is the JSON form.
    readonly requests: AsyncIterable<StreamRequest>;
    readonly call: Call;
    readonly answers: MessageQueue<StreamResponse>;
  },
): Promise<void> {
  const { requests, call, answers } = stream;
  let session: Session | undefined;
  let detach: (() => void) | undefined;
  call.signal.addEventListener("abort", () => detach?.());
  try {
    for await (const request of requests) {
      if (session === undefined) {
        session = open(context, request, answers);
        detach = attach(context, session, request);
      } else {
        update(session, request);
      }
      apply(context, session, request);
      context.changed();
    }
    answers.end();
  } catch (error) {
    // Whatever it is reaches the caller as the status of the stream.
    answers.end(toGoogleError(error));
  } finally {
    detach?.();
  }
}

function open(
  context: CarrierContext,
  request: StreamRequest,
  answers: MessageQueue<StreamResponse>,
): Session {
  const { config } = requireAttached(context.state, request.subscription);
  requirePullable(config);
  const deadlineSeconds = checkAckDeadline(request.streamAckDeadlineSeconds);
  answers.push({ subscriptionProperties: toProperties(config) });
  return { subscription: config.name, answers, deadlineSeconds };
}

function attach(context: CarrierContext, session: Session, request: StreamRequest): () => void {
  const { subscription, answers } = session;
  return context.delivery.attach(subscription, {
    messagesMax: toLimit(request.maxOutstandingMessages),
    bytesMax: toLimit(request.maxOutstandingBytes),
    ackDeadlineMs: () => session.deadlineSeconds * 1_000,
    isSerial: false,
    receive: (messages) => {
      const { config } = requireAttached(context.state, subscription);
      for (const batch of toBatches(messages)) {
        // Google's client for Java takes an answer without the properties for one that denies them.
        answers.push({
          receivedMessages: batch.map((one) => toReceived(config, one)),
          subscriptionProperties: toProperties(config),
        });
      }
    },
    refuse: answers.end,
  });
}

function update(session: Session, request: StreamRequest): void {
  const field = INITIAL_ONLY.find((name) => request[name] !== undefined);
  if (field !== undefined) {
    throw badRequest(field, `${field} can only be set in the first request of a stream`);
  }
  if (request.streamAckDeadlineSeconds !== undefined) {
    session.deadlineSeconds = checkAckDeadline(request.streamAckDeadlineSeconds);
  }
  if (Object.keys(request).length === 0) {
    session.answers.push({});
  }
}

function apply(context: CarrierContext, session: Session, request: StreamRequest): void {
  const { ackIds = [], modifyDeadlineAckIds = [], modifyDeadlineSeconds = [] } = request;
  const subscription = requireAttached(context.state, session.subscription);
  if (modifyDeadlineAckIds.length !== modifyDeadlineSeconds.length) {
    throw badRequest("modifyDeadlineSeconds", "There must be as many deadlines as ack ids");
  }
  const nowMs = context.clock.now();
  const lateAcks = acknowledgeAll(context.state, subscription, ackIds);
  const lateExtensions = modifyDeadlineAckIds.filter((ackId, index) => {
    const seconds = modifyDeadlineSeconds[index] ?? 0;
    return !extend(context.state, subscription, { ackId, seconds, nowMs });
  });
  if (subscription.config.enableExactlyOnceDelivery !== true) {
    return;
  }
  if (ackIds.length > 0) {
    session.answers.push({ acknowledgeConfirmation: toConfirmation(ackIds, lateAcks) });
  }
  if (modifyDeadlineAckIds.length > 0) {
    const modifyAckDeadlineConfirmation = toConfirmation(modifyDeadlineAckIds, lateExtensions);
    session.answers.push({ modifyAckDeadlineConfirmation });
  }
}

function toConfirmation(all: readonly string[], invalidAckIds: readonly string[]): Confirmation {
  return { ackIds: all.filter((ackId) => !invalidAckIds.includes(ackId)), invalidAckIds };
}

function toProperties(
  config: SubscriptionJson,
): NonNullable<StreamResponse["subscriptionProperties"]> {
  return {
    exactlyOnceDeliveryEnabled: config.enableExactlyOnceDelivery === true,
    messageOrderingEnabled: config.enableMessageOrdering === true,
  };
}

/** What goes out together: not more than clients accept at once, nor than is encoded in a moment. */
function toBatches(messages: readonly Leased[]): readonly (readonly Leased[])[] {
  const batches: Leased[][] = [];
  let batch: Leased[] = [];
  let bytes = 0;
  for (const one of messages) {
    const isFull = batch.length >= BATCH_MESSAGES_MAX || bytes + one.entry.bytes > BATCH_BYTES_MAX;
    if (isFull || batches.length === 0) {
      batch = [];
      bytes = 0;
      batches.push(batch);
    }
    batch.push(one);
    bytes += one.entry.bytes;
  }
  return batches;
}

/** Flow control: zero or less means no limit. */
function toLimit(text: string | undefined): number {
  const limit = Number(text ?? 0);
  return limit > 0 ? limit : Infinity;
}
