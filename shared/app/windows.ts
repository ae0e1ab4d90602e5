import type { WindowReading } from "../domain/policy.ts";
import type { Instant } from "../domain/time.ts";
import type { Ports } from "../ports/ports.ts";
import type { ServiceAggregate } from "../ports/store.ts";

/** The aggregate with what the calendar says now of each environment that has windows. */
export function withWindows(
  ports: Ports,
  aggregate: ServiceAggregate,
  now: Instant,
): ServiceAggregate {
  const windows: Record<string, WindowReading> = {};
  for (const { id, policy } of aggregate.state.service.environments) {
    if (policy.windows !== null) {
      windows[id] = ports.calendar.read(policy.windows, now);
    }
  }
  return { ...aggregate, state: { ...aggregate.state, windows } };
}
