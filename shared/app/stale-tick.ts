import { between, lengthText, minutes } from "../domain/time.ts";
import type { Duration, Instant } from "../domain/time.ts";
import type { Ports } from "../ports/ports.ts";
import { ignored } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import type { TickKind } from "../domain/control.ts";

/**
 * How old a minute's tick may be. After an outage Pub/Sub delivers all that it kept, up to one for each minute
 * of it: the newest of them sees all that the others would see.
 */
const MINUTE_AGE_MAX: Duration = minutes(5);

/** Passes over a minute's tick that is too old, with the reason; null for any other tick. */
export function refuseStale(
  { clock }: Ports,
  { kind, at }: { readonly kind: TickKind; readonly at: Instant | null },
): Outcome | null {
  const age = at === null ? null : between(at, clock.now());
  return kind === "minute" && age !== null && age > MINUTE_AGE_MAX
    ? ignored(`the tick is ${lengthText(age)} old: a newer one sees what it would see`)
    : null;
}
