import type { ServiceEvent } from "../domain/event.ts";
import { findEnvironment } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Ports } from "../ports/ports.ts";
import type { WakeUp } from "../domain/wake-up.ts";
import type { SeenService } from "../ports/store.ts";
import { refuseBroken } from "./each-service.ts";
import { handleSeen } from "./handle.ts";
import { isConcerned, readIncidents } from "./incident.ts";
import { lookForImages } from "./look-for-images.ts";
import { decided, ignored } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";
import { lookAtRunningBesides } from "./running.ts";
import { sweepInTurn } from "./tick.ts";

/**
 * Somebody decided, and says where there is work. It is read afresh and done, unless somebody else is at it: they
 * find it before they stop.
 */
export async function onWork(ports: Ports, wakeUp: WakeUp): Promise<Outcome> {
  if (wakeUp.kind === "all") {
    const { swept } = await sweepInTurn(ports, "minute");
    refuseBroken(swept);
    return decided(`${swept.visited} services visited`);
  }
  const seen = await ports.store.read(wakeUp.service);
  if (seen === null) {
    return ignored(`there is no service ${wakeUp.service}`);
  }
  const events = await lookWhere(ports, seen.state, wakeUp.look);
  const { seen: after } = await handleSeen(ports, seen, events);
  const isSearched = await searchIfApplied(
    ports,
    after ?? (await ports.store.read(wakeUp.service)),
  );
  return after === seen && !isSearched
    ? ignored(`${wakeUp.service}: nothing to do, or somebody else is at it`)
    : decided(`${wakeUp.service}: done`);
}

/**
 * Takes up the images that are in the registry already, once a specification was applied that nobody has looked for
 * images with. A registry that does not answer changes nothing: the hour's tick looks again.
 */
async function searchIfApplied(ports: Ports, seen: SeenService | null): Promise<boolean> {
  if (seen === null || seen.state.lookedUpTo !== null || seen.state.removedAt !== null) {
    return false;
  }
  try {
    return (await lookForImages(ports, seen)) > 0;
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      const { id: service } = seen.state.service;
      ports.log.warn("registry could not be searched", { service, cause: error.message });
      return false;
    }
    throw error;
  }
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
