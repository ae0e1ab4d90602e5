import { decide } from "../domain/decide.ts";
import type { Decision } from "../domain/decide.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { ServiceId } from "../domain/ids.ts";
import type { Ports } from "../ports/ports.ts";

/** What an event would lead to now, with nothing stored and nothing done; null for an unknown service. */
export async function preview(
  ports: Ports,
  service: ServiceId,
  event: ServiceEvent,
): Promise<Decision | null> {
  const named = event.kind === "promotion-requested" ? event.release : null;
  return ports.store.transact(
    service,
    () => named,
    (aggregate) => ({
      write: null,
      value: aggregate === null ? null : decide(aggregate.state, event, ports.clock.now()),
    }),
  );
}
