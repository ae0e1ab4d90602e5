import type * as Api from "@opentelemetry/api";
import type * as Transformer from "@opentelemetry/otlp-transformer";
import type * as Resources from "@opentelemetry/resources";
import type * as Metrics from "@opentelemetry/sdk-metrics";
import type { Instant } from "../../domain/time.ts";
import type { Metric } from "./numbers.ts";
import type { Attributes, Span, SpanContext } from "./span.ts";

type ReadableSpan = Parameters<
  typeof Transformer.ProtobufTraceSerializer.serializeRequest
>[0][number];
type Time = ReadableSpan["startTime"];
type Resource = ReadableSpan["resource"];

const SCOPE = { name: "slipway" };

/** What writes the bodies of requests, of whatever `about` says. */
export type Writers = {
  /** Spans. Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
  readonly traceBody: (spans: readonly Span[], about: Attributes) => Uint8Array;
  readonly metricsBody: (metrics: readonly Metric[], about: Attributes) => Uint8Array;
};

/** Loads what writes: packages in files of their own, which a build makes small. */
export async function openWriters(): Promise<Writers> {
  const packages = await loadPackages();
  const { transformer, resources } = packages;
  return {
    traceBody: (spans, about) => {
      const resource = resources.resourceFromAttributes({ ...about });
      const readable = spans.map((span) => toReadable(packages, span, resource));
      return transformer.ProtobufTraceSerializer.serializeRequest(readable) ?? EMPTY;
    },
    metricsBody: (metrics, about) => {
      const resource = resources.resourceFromAttributes({ ...about });
      const data = metrics.map((metric) => toMetricData(packages, metric));
      const scopeMetrics = [{ scope: SCOPE, metrics: data }];
      const request = { resource, scopeMetrics };
      return transformer.ProtobufMetricsSerializer.serializeRequest(request) ?? EMPTY;
    },
  };
}

const EMPTY = new Uint8Array();

/** OpenTelemetry's packages, as far as they are used. */
type Packages = {
  readonly api: Pick<typeof Api, "SpanKind" | "SpanStatusCode" | "TraceFlags" | "ValueType">;
  readonly transformer: Pick<
    typeof Transformer,
    "ProtobufMetricsSerializer" | "ProtobufTraceSerializer"
  >;
  readonly resources: Pick<typeof Resources, "resourceFromAttributes">;
  readonly metrics: Pick<typeof Metrics, "AggregationTemporality" | "DataPointType">;
};

async function loadPackages(): Promise<Packages> {
  const [api, transformer, resources, metrics] = await Promise.all([
    import("@opentelemetry/api"),
    import("@opentelemetry/otlp-transformer"),
    import("@opentelemetry/resources"),
    import("@opentelemetry/sdk-metrics"),
  ]);
  return { api, transformer, resources, metrics };
}

/** Source: https://opentelemetry.io/docs/specs/otel/trace/api/#spankind */
function kindOf({ api: { SpanKind: kinds } }: Packages, kind: Span["kind"]): Api.SpanKind {
  const known = {
    internal: kinds.INTERNAL,
    server: kinds.SERVER,
    client: kinds.CLIENT,
    consumer: kinds.CONSUMER,
  };
  return known[kind];
}

/** Nothing of a span is left out. */
const DROPPED = { droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 };

function toReadable(packages: Packages, span: Span, resource: Resource): ReadableSpan {
  const { SpanStatusCode } = packages.api;
  const { context, parent, name, kind, from, to, attributes, links, error } = span;
  return {
    name,
    kind: kindOf(packages, kind),
    spanContext: () => toContext(packages, context),
    ...(parent !== null && {
      parentSpanContext: toContext(packages, { ...context, spanId: parent }),
    }),
    startTime: toTime(from),
    endTime: toTime(Math.max(from, to)),
    duration: toTime(Math.max(0, to - from)),
    ended: true,
    status:
      error === null
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: error },
    attributes: { ...attributes },
    links: links.map((link) => ({ context: toContext(packages, link) })),
    events: [],
    resource,
    instrumentationScope: SCOPE,
    ...DROPPED,
  };
}

/** Every span is sent: a promotion is worth its trace. */
function toContext(
  { api }: Packages,
  context: SpanContext,
): ReturnType<ReadableSpan["spanContext"]> {
  return { ...context, traceFlags: api.TraceFlags.SAMPLED };
}

function toMetricData(
  { api, metrics }: Packages,
  { name, unit, description, kind, since, at, points }: Metric,
): Metrics.MetricData {
  const { AggregationTemporality, DataPointType } = metrics;
  const common = {
    descriptor: { name, unit, description, valueType: api.ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: points.map(({ attributes, value }) => ({
      startTime: toTime(since),
      endTime: toTime(at),
      attributes: { ...attributes },
      value,
    })),
  };
  return kind === "sum"
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...common, dataPointType: DataPointType.GAUGE };
}

const MS_PER_SECOND = 1000;
const NS_PER_MS = 1_000_000;

/** Whole seconds, and the rest in nanoseconds. */
function toTime(ms: Instant | number): Time {
  return [Math.floor(ms / MS_PER_SECOND), (ms % MS_PER_SECOND) * NS_PER_MS];
}
