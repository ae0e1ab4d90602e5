import type { PromotionSpan } from "../../domain/trace/promotion-spans.ts";
import type { ServiceId } from "../../domain/ids.ts";
import { spanOf, traceOf } from "./span.ts";
import type { Attributes, Span, SpanContext } from "./span.ts";

/** The name of the span that is a whole promotion. */
const WHOLE = "promotion";

/** The states that a trace shows as errors. */
const FAILED: ReadonlySet<string> = new Set(["FAILED", "ROLLED_BACK"]);

/** A promotion within an installation. */
export type Traced = {
  /** The project that Slipway runs in. */
  readonly project: string;
  readonly service: ServiceId;
  readonly promotion: string;
};

/** Where a part of a promotion is in its trace: derived from the promotion, so that every process knows it. Null: the whole. */
export function placeOf({ project, service, promotion }: Traced, part: string | null): SpanContext {
  return spanOf(traceOf(project, service, promotion), part ?? WHOLE);
}

/** A stretch of a promotion as a span of its trace, with a link to the work in which it was decided. */
export function toSpan(project: string, span: PromotionSpan, decidedIn: SpanContext): Span {
  const traced = { project, service: span.service, promotion: span.promotion };
  const isWhole = span.name === WHOLE;
  return {
    context: placeOf(traced, span.name),
    parent: isWhole ? null : placeOf(traced, null).spanId,
    name: span.name,
    kind: "internal",
    from: span.from,
    to: span.to,
    attributes: { ...attributesOf(span), "slipway.state": span.state },
    links: [
      decidedIn,
      ...(span.follows === null ? [] : [placeOf({ ...traced, promotion: span.follows }, null)]),
    ],
    error: FAILED.has(span.state) ? (span.message ?? span.state) : null,
  };
}

/** What says which promotion a span is of. */
function attributesOf(span: PromotionSpan): Attributes {
  return {
    "slipway.service": span.service,
    "slipway.environment": span.environment,
    "slipway.release": span.release,
    "slipway.promotion": span.promotion,
    "slipway.kind": span.kind,
    ...(span.message !== null && { "slipway.message": span.message }),
  };
}
