import { createHash, randomBytes } from "node:crypto";
import type { Instant } from "../../domain/time.ts";

/** Where a span is: 32 hex digits of its trace, 16 of its own. Source: https://www.w3.org/TR/trace-context/#trace-id */
export type SpanContext = { readonly traceId: string; readonly spanId: string };

/** What an attribute may be. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Something that took some time and is over. */
export type Span = {
  readonly context: SpanContext;
  /** The span that it is part of, in the same trace; null for the first of a trace. */
  readonly parent: string | null;
  readonly name: string;
  readonly kind: "internal" | "server" | "client" | "consumer";
  readonly from: Instant;
  readonly to: Instant;
  readonly attributes: Attributes;
  readonly links: readonly SpanContext[];
  /** Why it failed; null when it did not. */
  readonly error: string | null;
};

const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

/** The trace of a cause: whoever tells of the same cause, in whatever process and however often, tells of it in one trace. */
export function traceOf(...cause: readonly string[]): string {
  return hashOf(cause).slice(0, TRACE_DIGITS);
}

/** The span of a cause within a trace: told twice, it has the same id. */
export function spanOf(traceId: string, ...cause: readonly string[]): SpanContext {
  return { traceId, spanId: hashOf([traceId, ...cause]).slice(0, SPAN_DIGITS) };
}

/** A span that is no other's. */
export function newSpan(traceId: string): SpanContext {
  return { traceId, spanId: randomBytes(SPAN_DIGITS / 2).toString("hex") };
}

function hashOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
