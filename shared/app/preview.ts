import { decide } from "../domain/decide.ts";
import type { Decision } from "../domain/decide.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { ServiceId } from "../domain/ids.ts";
import type { Ports } from "../ports/ports.ts";
import type { ServiceAggregate } from "../ports/store.ts";
import { withWindows } from "./windows.ts";

/** What an event would lead to now, with nothing stored and nothing done; null for an unknown service. */
export async function preview(
  ports: Ports,
  service: ServiceId,
  event: ServiceEvent,
): Promise<Decision | null> {
  const isNaming = event.kind === "promotion-requested" || event.kind === "rollback-requested";
  const named = isNaming ? event.release : null;
  return ports.store.transact(
    service,
    () => named,
    (aggregate) => ({
      write: null,
      value: aggregate === null ? null : decideDry(ports, aggregate, event),
    }),
  );
}

function decideDry(ports: Ports, aggregate: ServiceAggregate, event: ServiceEvent): Decision {
  const now = ports.clock.now();
  return decide(withWindows(ports, aggregate, now).state, event, now);
}
