import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { z } from "zod";
import { present } from "./present.ts";

/** Where a span is. */
export type Place = { readonly traceId: string; readonly spanId: string };

/** A span as a collector got it. */
export type GotSpan = Place & {
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: string;
  readonly from: number;
  readonly to: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly links: readonly Place[];
  /** Why it failed; null when it did not. */
  readonly error: string | null;
  readonly resource: Readonly<Record<string, string | number | boolean>>;
};

/** A number of a metric as a collector got it. */
export type GotPoint = {
  readonly name: string;
  readonly unit: string;
  readonly isSum: boolean;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly value: number;
};

/** How a collector answers: with a status, or not at all. */
export type Mood = number | "silent";

/** A collector of OpenTelemetry's, which reads what it gets with the published definitions. */
export type TestCollector = {
  readonly url: string;
  readonly spans: readonly GotSpan[];
  readonly points: readonly GotPoint[];
  /** The headers of every request so far, and its path. */
  readonly asked: readonly (IncomingMessage["headers"] & { readonly path: string })[];
  readonly answer: (mood: Mood) => void;
  readonly close: () => Promise<void>;
};

const DEFINITIONS = fileURLToPath(new URL("../fixtures/otlp-1.9.0/", import.meta.url));
const REQUESTS = {
  "/v1/traces": "opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest",
  "/v1/metrics": "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest",
};

/** Starts one on the loopback interface; it takes everything until it is told otherwise. */
export async function startCollector(): Promise<TestCollector> {
  const spans: GotSpan[] = [];
  const points: GotPoint[] = [];
  const asked: TestCollector["asked"][number][] = [];
  let mood: Mood = 200;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      asked.push({ ...request.headers, path: request.url ?? "" });
      if (mood === "silent") {
        return;
      }
      if (mood === 200) {
        take(request.url ?? "", Buffer.concat(chunks), { spans, points });
      }
      response.writeHead(mood, { "content-type": "application/x-protobuf" }).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = present(server.address(), "its address");
  return {
    url: `http://127.0.0.1:${typeof address === "string" ? 0 : address.port}`,
    spans,
    points,
    asked,
    answer: (next) => {
      mood = next;
    },
    close: async () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const definitions = load();

function load(): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => (target.startsWith("/") ? target : `${DEFINITIONS}${target}`);
  return root.loadSync(
    ["trace/v1/trace_service.proto", "metrics/v1/metrics_service.proto"].map(
      (path) => `opentelemetry/proto/collector/${path}`,
    ),
  );
}

type Got = { readonly spans: GotSpan[]; readonly points: GotPoint[] };

function take(path: string, body: Buffer, { spans, points }: Got): void {
  if (path === "/v1/traces") {
    spans.push(...spansOf(decode(path, body)));
  } else if (path === "/v1/metrics") {
    points.push(...pointsOf(decode(path, body)));
  }
}

function decode(path: keyof typeof REQUESTS, body: Buffer): unknown {
  const type = definitions.lookupType(REQUESTS[path]);
  const options = { longs: String, enums: String, bytes: Buffer, arrays: true, defaults: true };
  return type.toObject(type.decode(body), options);
}

const Attributes = z
  .array(
    z.object({
      key: z.string(),
      value: z.looseObject({
        value: z.string().optional(),
        stringValue: z.string().optional(),
        intValue: z.string().optional(),
        doubleValue: z.number().optional(),
        boolValue: z.boolean().optional(),
      }),
    }),
  )
  .transform((items) =>
    Object.fromEntries(
      items.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => {
        const number = intValue === undefined ? doubleValue : Number(intValue);
        return [key, stringValue ?? number ?? boolValue ?? ""] as const;
      }),
    ),
  );
const Hex = z.instanceof(Buffer).transform((bytes) => bytes.toString("hex"));
const Time = z.string().transform((nanoseconds) => Number(BigInt(nanoseconds) / 1_000_000n));
const Resource = z.object({ attributes: Attributes });

const Traces = z.object({
  resourceSpans: z.array(
    z.object({
      resource: Resource,
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              traceId: Hex,
              spanId: Hex,
              parentSpanId: Hex,
              name: z.string(),
              kind: z.string(),
              startTimeUnixNano: Time,
              endTimeUnixNano: Time,
              attributes: Attributes,
              links: z.array(z.object({ traceId: Hex, spanId: Hex })),
              status: z.object({ code: z.string(), message: z.string() }),
            }),
          ),
        }),
      ),
    }),
  ),
});

function spansOf(request: unknown): readonly GotSpan[] {
  return Traces.parse(request).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ startTimeUnixNano: from, endTimeUnixNano: to, status, ...span }) => ({
        ...span,
        from,
        to,
        error: status.code === "STATUS_CODE_ERROR" ? status.message : null,
        resource: resource.attributes,
      })),
    ),
  );
}

const Points = z.object({
  dataPoints: z.array(z.object({ attributes: Attributes, asDouble: z.number() })),
});

const Metrics = z.object({
  resourceMetrics: z.array(
    z.object({
      scopeMetrics: z.array(
        z.object({
          metrics: z.array(
            z.object({
              name: z.string(),
              unit: z.string(),
              sum: Points.optional(),
              gauge: Points.optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

function pointsOf(request: unknown): readonly GotPoint[] {
  return Metrics.parse(request)
    .resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .flatMap(
      ({ name, unit, sum, gauge }) =>
        (sum ?? gauge)?.dataPoints.map(({ attributes, asDouble }) => ({
          name,
          unit,
          isSum: sum !== undefined,
          attributes,
          value: asDouble,
        })) ?? [],
    );
}
