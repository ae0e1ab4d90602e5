import { setTimeout as sleep } from "node:timers/promises";
import { after, duration } from "../../domain/time.ts";
import type { Duration, Instant } from "../../domain/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { connectionFailure } from "./failure.ts";
import type { Metric } from "./numbers.ts";
import type { Writers } from "./otlp.ts";
import type { Send } from "./recorder.ts";
import type { Attributes, Span } from "./span.ts";

/** How long a piece of work waits for what it tells to be taken, before it answers. */
export const TELLING_MAX: Duration = duration(1000);

/** How long a collector that failed or was slow is left alone. */
export const TELLING_REST: Duration = duration(10_000);

/** How many spans are kept for a collector that cannot be reached; the oldest go first. */
export const SPANS_KEPT_MAX = 2000;

/** Where the collector is, and what is said to it with each request. */
export type Collector = {
  /** The address before `/v1/traces` and `/v1/metrics`. */
  readonly endpoint: string;
  /** Credentials and whatever else the collector asks for. @throws when they cannot be had now. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  /** What is told of the process as a whole. */
  readonly about: Attributes;
};

/**
 * Sends batches by OTLP over HTTP. It never throws, and never takes longer than `TELLING_MAX`: a collector that fails or is
 * slow is left alone for a while, and only what fits is kept for it. What was sent and not acknowledged is sent again, under
 * the same ids.
 * Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export function otlpSender(
  collector: Collector,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Send {
  // Loaded while the first piece of work goes on, and not when it is told of.
  const otlp = import("./otlp.ts").then(async ({ openWriters }) => openWriters());
  otlp.catch(() => undefined);
  async function tryToTell(
    spans: readonly Span[],
    metrics: readonly Metric[],
  ): Promise<Failure | null> {
    const writers = await otlp.catch((error: unknown) => connectionFailure(error));
    return typeof writers === "string"
      ? { reason: writers, isForGood: false }
      : tellWithin({ ...collector, writers }, spans, metrics);
  }
  let kept: readonly Span[] = [];
  let restsUntil: Instant | null = null;
  let lost = 0;
  return async ({ spans, metrics }) => {
    const all = [...kept, ...spans];
    kept = all.slice(-SPANS_KEPT_MAX);
    lost += all.length - kept.length;
    const rests = restsUntil !== null && clock.now() < restsUntil;
    if (rests || (kept.length === 0 && metrics.length === 0)) {
      return;
    }
    const sent = kept;
    kept = [];
    const failure = await tryToTell(sent, metrics);
    if (failure === null) {
      restsUntil = null;
      return;
    }
    const unsent = [...sent, ...kept];
    kept = failure.isForGood ? kept : unsent.slice(-SPANS_KEPT_MAX);
    lost += unsent.length - kept.length;
    restsUntil = after(clock.now(), TELLING_REST);
    log.warn("traces not sent", { cause: failure.reason, lost });
    lost = 0;
  };
}

/** Why something was not taken, and whether it never will be. */
type Failure = { readonly reason: string; readonly isForGood: boolean };

/** A collector, and what writes for it. */
type Ready = Collector & { readonly writers: Writers };

async function tellWithin(
  collector: Ready,
  spans: readonly Span[],
  metrics: readonly Metric[],
): Promise<Failure | null> {
  const stop = new AbortController();
  const tooLong = sleep(TELLING_MAX, null, { signal: stop.signal }).then(
    (): Failure => ({
      reason: `the collector did not answer within ${TELLING_MAX} ms`,
      isForGood: false,
    }),
    () => null,
  );
  const told = tell(collector, { spans, metrics, signal: stop.signal }).catch(
    (error: unknown): Failure => ({ reason: connectionFailure(error), isForGood: false }),
  );
  const failure = await Promise.race([told, tooLong]);
  stop.abort();
  return failure;
}

async function tell(
  { endpoint, headers, about, writers }: Ready,
  batch: {
    readonly spans: readonly Span[];
    readonly metrics: readonly Metric[];
    readonly signal: AbortSignal;
  },
): Promise<Failure | null> {
  const { spans, metrics, signal } = batch;
  const given = await headers();
  const post = async (path: string, body: Uint8Array): Promise<Failure | null> => {
    const response = await fetch(`${endpoint}${path}`, {
      method: "POST",
      headers: { ...given, "content-type": "application/x-protobuf" },
      body: Buffer.from(body),
      signal,
      redirect: "error",
    });
    await response.arrayBuffer();
    return response.ok ? null : failureOf(path, response.status);
  };
  const failures = await Promise.all([
    spans.length === 0 ? null : post("/v1/traces", writers.traceBody(spans, about)),
    metrics.length === 0 ? null : post("/v1/metrics", writers.metricsBody(metrics, about)),
  ]);
  return failures.find((failure) => failure !== null) ?? null;
}

/** The statuses that may pass. Source: https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const RETRYABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

function failureOf(path: string, status: number): Failure {
  return { reason: `${path} answered ${status}`, isForGood: !RETRYABLE.has(status) };
}
