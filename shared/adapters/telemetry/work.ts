import { PermanentError, TransientError } from "../../ports/errors.ts";
import type { Cause } from "../../ports/telemetry.ts";
import type { Metric, Numbers } from "./numbers.ts";
import { newSpan, spanOf, traceOf } from "./span.ts";
import type { Attributes, Span, SpanContext } from "./span.ts";

/** How many spans one piece of work tells of. The rest is left out, and their number is told. */
export const SPANS_OF_WORK_MAX = 500;

/** What was told of one piece of work. */
export type Batch = { readonly spans: readonly Span[]; readonly metrics: readonly Metric[] };

/** One piece of work on its way. */
export type Work = {
  readonly context: SpanContext;
  readonly spans: Span[];
  /** The promotions that were touched, each where its whole is. */
  readonly promotions: Map<string, SpanContext>;
  leftOut: number;
  /** Whether anything was stored in it. */
  isNews: boolean;
};

/** The deliveries of one message are one trace, so that a repeat is seen beside the first. */
export function newWork(project: string, cause: Cause): Work {
  const id = cause.message ?? newSpan("").spanId;
  const context = newSpan(traceOf(project, cause.function, id));
  return { context, spans: [], promotions: new Map(), leftOut: 0, isNews: false };
}

/** Keeps a span until the work is over. */
export function keep(work: Work, span: Span): void {
  if (work.spans.length >= SPANS_OF_WORK_MAX) {
    work.leftOut += 1;
    return;
  }
  work.spans.push(span);
}

/** How a piece of work ended. */
export type Ended = {
  readonly cause: Cause;
  readonly from: Span["from"];
  readonly to: Span["to"];
  readonly error: string | null;
};

/** What is told of a piece of work. Of one that stored nothing, did not fail and is no repeat nothing is told but numbers. */
export function toBatch(work: Work, { cause, from, to, error }: Ended, numbers: Numbers): Batch {
  const metrics = numbers.take(to);
  const { message, attempt } = cause;
  const isRepeat = attempt !== null && attempt > 1;
  if (!work.isNews && !isRepeat && error === null && work.promotions.size === 0) {
    return { spans: [], metrics };
  }
  const whole: Span = {
    context: work.context,
    parent: null,
    name: cause.function,
    kind: message === null ? "server" : "consumer",
    from,
    to,
    attributes: attributesOf(cause, work.leftOut),
    links: [...(message === null ? [] : [messageOf(work, message)]), ...work.promotions.values()],
    error,
  };
  return { spans: [whole, ...work.spans], metrics };
}

/** Every delivery of a message is linked to the message itself, which is how its deliveries find each other. */
function messageOf({ context }: Work, message: string): SpanContext {
  return spanOf(context.traceId, message);
}

/** Source: https://opentelemetry.io/docs/specs/semconv/messaging/gcp-pubsub/ */
function attributesOf({ function: name, message, attempt }: Cause, leftOut: number): Attributes {
  return {
    "slipway.function": name,
    ...(message !== null && {
      "messaging.system": "gcp_pubsub",
      "messaging.operation.type": "process",
      "messaging.message.id": message,
    }),
    ...(attempt !== null && { "messaging.gcp_pubsub.message.delivery_attempt": attempt }),
    ...(leftOut > 0 && { "slipway.spans_left_out": leftOut }),
  };
}

/** What is told of a failure: an error of the outside in its own words, a bug by its name alone. */
export function textOf(error: unknown): string {
  if (error instanceof TransientError || error instanceof PermanentError) {
    return `${error.status}: ${error.message}`;
  }
  return error instanceof Error ? error.name : "something that is no error was thrown";
}
