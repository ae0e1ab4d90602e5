import { defaultRelease } from "../domain/events/promotion-requested.ts";
import { blocksOnIncidents, isFresh } from "../domain/gates/incident.ts";
import type { ReleaseId } from "../domain/ids.ts";
import type { Environment } from "../domain/service.ts";
import { environmentState } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import { askToLook } from "./decide-only.ts";

/**
 * Has somebody read the incidents of an environment, where somebody wants to know what its gates say and the last
 * reading is too old to start a promotion on.
 */
export async function lookIfStale(
  ports: DecidingPorts,
  state: ServiceState,
  { id, policy }: Environment,
): Promise<void> {
  const { incidents } = environmentState(state, id);
  if (blocksOnIncidents(policy) && !isFresh(incidents, ports.clock.now())) {
    await askToLook(ports, state.service.id, id);
  }
}

/**
 * Has somebody look what runs where somebody asks for the release that is recorded there: only that can say whether
 * there is anything to do. The answer is what is recorded, and whoever asks again hears of what was seen.
 */
export async function lookIfThere(
  ports: DecidingPorts,
  state: ServiceState,
  asked: { readonly environment: Environment; readonly release: ReleaseId | null },
): Promise<void> {
  const { environment } = asked;
  const wanted = asked.release ?? defaultRelease(state, environment);
  const { current, drift } = environmentState(state, environment.id);
  if (current !== null && current.release === wanted && drift === null) {
    await askToLook(ports, state.service.id, environment.id);
  }
}
