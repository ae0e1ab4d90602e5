import type { Reply } from "../domain/change/change.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { NO_HISTORY } from "./aggregate.ts";
import { decideNow, withWindows } from "./decide-now.ts";
import { releasesNamedBy } from "./store-events.ts";
import { withNamed } from "./store-decision.ts";

/** What events would be answered with, and what the state would be. */
export type Preview = { readonly reply: Reply; readonly state: ServiceState };

/**
 * What events would lead to now, with nothing stored and nothing done. Incidents count as they were read last: whoever
 * asks what would be is told by what is recorded.
 */
export async function preview(
  ports: DecidingPorts,
  seen: SeenService,
  events: readonly ServiceEvent[],
): Promise<Preview> {
  const now = ports.clock.now();
  const recalled = { ...seen, state: withLastReadings(seen.state, now) };
  const aggregate = await withNamed(ports, recalled, (known) => releasesNamedBy(events, known));
  const { reply, draft } = decideNow(ports, { aggregate, history: NO_HISTORY }, events);
  return { reply, state: withWindows(ports, draft.aggregate.state, now) };
}

function withLastReadings(state: ServiceState, now: Instant): ServiceState {
  const environments = Object.entries(state.environments).map(([id, environment]) => {
    const { incidents } = environment;
    const recalled = incidents.kind === "read" ? { ...incidents, at: now } : incidents;
    return [id, { ...environment, incidents: recalled }] as const;
  });
  return { ...state, environments: Object.fromEntries(environments) };
}
