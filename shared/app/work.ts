import type { ServiceEvent } from "../domain/event.ts";
import { findEnvironment } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import type { WakeUp } from "../domain/wake-up.ts";
import { refuseBroken } from "./each-service.ts";
import { handleSeen } from "./handle.ts";
import { isConcerned, readIncidents } from "./incident.ts";
import { decided, ignored } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { lookAtRunningBesides } from "./running.ts";
import { sweep } from "./tick.ts";

/**
 * Somebody decided, and says where there is work. It is read afresh and done, unless somebody else is at it: they
 * find it before they stop.
 */
export async function onWork(ports: Ports, wakeUp: WakeUp): Promise<Outcome> {
  if (wakeUp.kind === "all") {
    const swept = await sweep(ports, "minute");
    refuseBroken(swept);
    return decided(`${swept.visited} services visited`);
  }
  const seen = await ports.store.read(wakeUp.service);
  if (seen === null) {
    return ignored(`there is no service ${wakeUp.service}`);
  }
  const events = await lookWhere(ports, seen.state, wakeUp.look);
  const { seen: after } = await handleSeen(ports, seen, events);
  return after === seen
    ? ignored(`${wakeUp.service}: nothing to do, or somebody else is at it`)
    : decided(`${wakeUp.service}: done`);
}

/** What runs in the environment that somebody asked after, and its incidents. */
async function lookWhere(
  ports: Ports,
  state: ServiceState,
  look: Extract<WakeUp, { kind: "service" }>["look"],
): Promise<readonly ServiceEvent[]> {
  const environment = look === null ? null : findEnvironment(state.service, look);
  if (environment === null) {
    return [];
  }
  const incidents = isConcerned(environment)
    ? [await readIncidents(ports, state, environment)]
    : [];
  return [...incidents, ...(await lookAtRunningBesides(ports, environment))];
}
