import type { Reply } from "../domain/change/change.ts";
import type { ServiceEvent } from "../domain/event.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { NO_HISTORY } from "./aggregate.ts";
import { decideNow, withWindows } from "./decide-now.ts";
import { releasesNamedBy } from "./handle.ts";
import { withNamed } from "./store-decision.ts";

/** What events would be answered with, and what the state would be. */
export type Preview = { readonly reply: Reply; readonly state: ServiceState };

/** What events would lead to now, with nothing stored and nothing done. */
export async function preview(
  ports: Ports,
  seen: SeenService,
  events: readonly ServiceEvent[],
): Promise<Preview> {
  const aggregate = await withNamed(ports, seen, (known) => releasesNamedBy(events, known));
  const { reply, draft } = decideNow(ports, { aggregate, history: NO_HISTORY }, events);
  return { reply, state: withWindows(ports, draft.aggregate.state, ports.clock.now()) };
}
