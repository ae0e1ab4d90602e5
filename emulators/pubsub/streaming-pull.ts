import type { BidiStream } from "../kit/call.ts";
import { badRequest, toGoogleError } from "../kit/google-error.ts";
import { createMessageQueue } from "../kit/message-queue.ts";
import { acknowledgeAll, extend } from "./backlog.ts";
import type { Consumer } from "./delivery.ts";
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
  return (requests: AsyncIterable<StreamRequest>, { signal }) => {
    const answers = createMessageQueue<StreamResponse>();
    let stream: Stream | undefined;
    signal.addEventListener("abort", () => stream?.detach());
    async function serve(): Promise<void> {
      try {
        // The server has checked each request against the API's message, of which this is the JSON form.
        for await (const request of requests) {
          if (stream === undefined) {
            stream = open(exchange, request, answers);
          } else {
            update(stream, request);
          }
          apply(exchange, stream.name, request);
          exchange.delivery.run();
          if (Object.keys(request).length === 0) {
            answers.push({});
          }
        }
        answers.end();
      } catch (error) {
        // Whatever it is reaches the caller as the status of the stream.
        answers.end(toGoogleError(error));
      } finally {
        stream?.detach();
      }
    }
    void serve();
    return answers.messages;
  };
}

/** An open stream on a subscription. Only the ack deadline can be changed while it lasts. */
type Stream = {
  readonly name: string;
  readonly detach: () => void;
  deadlineSeconds: number;
};

type Answers = ReturnType<typeof createMessageQueue<StreamResponse>>;

function open({ state, delivery }: Exchange, request: StreamRequest, answers: Answers): Stream {
  const config = requirePullable(state, request.subscription);
  const { name } = config;
  const deadlineSeconds = checkAckDeadline(request.streamAckDeadlineSeconds);
  answers.push({ subscriptionProperties: toProperties(config) });
  const consumer: Consumer = {
    messagesMax: toLimit(request.maxOutstandingMessages),
    bytesMax: toLimit(request.maxOutstandingBytes),
    ackDeadlineMs: () => stream.deadlineSeconds * 1_000,
    isSerial: false,
    receive: (messages) => {
      const { config: current } = requireAttached(state, name);
      for (const batch of toBatches(messages)) {
        // Google's client for Java takes an answer without the properties for one that denies them.
        answers.push({
          receivedMessages: batch.map((one) => toReceived(current, one)),
          subscriptionProperties: toProperties(current),
        });
      }
    },
    refuse: answers.end,
  };
  const stream = { name, deadlineSeconds, detach: delivery.attach(name, consumer) };
  return stream;
}

function update(stream: Stream, request: StreamRequest): void {
  const field = INITIAL_ONLY.find((name) => request[name] !== undefined);
  if (field !== undefined) {
    throw badRequest(field, `${field} can only be set in the first request of a stream`);
  }
  if (request.streamAckDeadlineSeconds !== undefined) {
    stream.deadlineSeconds = checkAckDeadline(request.streamAckDeadlineSeconds);
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
  let bytes = 0;
  for (const one of messages) {
    const batch = batches.at(-1);
    bytes += one.entry.bytes;
    if (batch === undefined || batch.length >= BATCH_MESSAGES_MAX || bytes > BATCH_BYTES_MAX) {
      batches.push([one]);
      bytes = one.entry.bytes;
    } else {
      batch.push(one);
    }
  }
  return batches;
}

/** Flow control: zero or less means no limit. */
function toLimit(text: string | undefined): number {
  const limit = Number(text ?? 0);
  return limit > 0 ? limit : Infinity;
}
