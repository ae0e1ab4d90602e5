import { decide, isUnchanged } from "../domain/decide.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { Ports } from "../ports/ports.ts";
import type { ServiceAggregate } from "../ports/store.ts";
import { isUnpublished } from "./pending.ts";
import { withWindows } from "./windows.ts";

/**
 * Whether an event would change nothing, decided on the state as it was read: most messages are repeats,
 * and then no transaction is needed. What was read may be old; the tick looks again.
 */
export function changesNothing(
  ports: Ports,
  aggregate: ServiceAggregate,
  event: ServiceEvent,
): boolean {
  const now = ports.clock.now();
  const { state } = withWindows(ports, aggregate, now);
  return isUnchanged(state, decide(state, event, now));
}

/** Whether nothing of the service waits to be carried out or published. */
export function isIdle({ outbox, chain, lease }: ServiceAggregate): boolean {
  return outbox.length === 0 && !isUnpublished(chain) && lease === null;
}
