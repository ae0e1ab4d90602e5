import type { ServiceEvent } from "../domain/event.ts";
import { shorten } from "../domain/text.ts";

/** How long a text in an event may be: longer than any name or reason that somebody may rightly give. */
const EVENT_TEXT_LENGTH_MAX = 2_000;

/** What is our own: a specification has its bounds from where it was read, and effects were decided on here. */
const OWN: ReadonlySet<ServiceEvent["kind"]> = new Set<ServiceEvent["kind"]>([
  "service-applied",
  "effect-done",
  "effect-failed",
]);

/**
 * The event with every text well-formed and of a bounded length, whatever Google's APIs, images or people said: half a
 * surrogate pair could neither be stored nor hashed.
 */
export function withBoundedTexts(event: ServiceEvent): ServiceEvent {
  if (event.kind === "effect-failed") {
    const { status, message } = event;
    return {
      ...event,
      status: shorten(status, EVENT_TEXT_LENGTH_MAX),
      message: shorten(message, EVENT_TEXT_LENGTH_MAX),
    };
  }
  return OWN.has(event.kind) ? event : bounded(event);
}

/** A value of the same shape. */
function bounded<Value>(value: Value): Value {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- texts stay texts, lists lists, records records
  return boundedPart(value) as Value;
}

function boundedPart(value: unknown): unknown {
  if (typeof value === "string") {
    return shorten(value, EVENT_TEXT_LENGTH_MAX);
  }
  if (Array.isArray(value)) {
    return value.map(boundedPart);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, boundedPart(part)]))
    : value;
}
