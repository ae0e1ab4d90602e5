import type { BidiStream, Call } from "../kit/call.ts";
import { badRequest, toGoogleError } from "../kit/google-error.ts";
import { createMessageQueue, type MessageQueue } from "../kit/message-queue.ts";
import { acknowledgeAll, extend } from "./backlog.ts";
import type { Lease } from "./lanes.ts";
import { requirePullable, toReceived, type Exchange, type ReceivedMessage } from "./pull.ts";
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

/** google.pubsub.v1.StreamingPullResponse in JSON. */
type StreamResponse = {
  readonly receivedMessages?: readonly ReceivedMessage[];
  readonly subscriptionProperties?: object;
};

/** An open stream. Only the ack deadline can be changed while it lasts. */
type Session = {
  readonly subscription: string;
  readonly answers: MessageQueue<StreamResponse>;
  deadlineSeconds: number;
};

type Stream = {
  // The server has checked each request against the API's message, of which this is the JSON form.
  readonly requests: AsyncIterable<StreamRequest>;
  readonly call: Call;
  readonly answers: MessageQueue<StreamResponse>;
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
export function streamingPull(exchange: Exchange): BidiStream {
  return (requests, call) => {
    const answers = createMessageQueue<StreamResponse>();
    void serve(exchange, { requests, call, answers });
    return answers.messages;
  };
}

async function serve(exchange: Exchange, { requests, call, answers }: Stream): Promise<void> {
  let session: Session | undefined;
  let detach: (() => void) | undefined;
  call.signal.addEventListener("abort", () => detach?.());
  try {
    for await (const request of requests) {
      if (session === undefined) {
        const config = requirePullable(exchange.state, request.subscription);
        const deadlineSeconds = checkAckDeadline(request.streamAckDeadlineSeconds);
        session = { subscription: config.name, answers, deadlineSeconds };
        answers.push({ subscriptionProperties: toProperties(config) });
        detach = attach(exchange, session, request);
      } else {
        update(session, request);
      }
      apply(exchange, session.subscription, request);
      exchange.delivery.run();
    }
    answers.end();
  } catch (error) {
    // Whatever it is reaches the caller as the status of the stream.
    answers.end(toGoogleError(error));
  } finally {
    detach?.();
  }
}

function attach(
  { state, delivery }: Exchange,
  session: Session,
  request: StreamRequest,
): () => void {
  const { subscription, answers } = session;
  return delivery.attach(subscription, {
    messagesMax: toLimit(request.maxOutstandingMessages),
    bytesMax: toLimit(request.maxOutstandingBytes),
    ackDeadlineMs: () => session.deadlineSeconds * 1_000,
    isSerial: false,
    receive: (messages) => {
      const { config } = requireAttached(state, subscription);
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

function apply({ state, clock }: Exchange, name: string, request: StreamRequest): void {
  const { ackIds = [], modifyDeadlineAckIds = [], modifyDeadlineSeconds = [] } = request;
  const subscription = requireAttached(state, name);
  if (modifyDeadlineAckIds.length !== modifyDeadlineSeconds.length) {
    throw badRequest("modifyDeadlineSeconds", "There must be as many deadlines as ack ids");
  }
  acknowledgeAll(state, subscription, ackIds);
  const nowMs = clock.now();
  for (const [index, ackId] of modifyDeadlineAckIds.entries()) {
    extend(state, subscription, { ackId, seconds: modifyDeadlineSeconds[index] ?? 0, nowMs });
  }
}

function toProperties({ enableMessageOrdering = false }: SubscriptionJson): object {
  return { exactlyOnceDeliveryEnabled: false, messageOrderingEnabled: enableMessageOrdering };
}

/** What goes out together: not more than clients accept at once, nor than is encoded in a moment. */
function toBatches(messages: readonly Lease[]): readonly (readonly Lease[])[] {
  const batches: Lease[][] = [];
  let batch: Lease[] = [];
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
