import type { ServiceEvent } from "../domain/event.ts";
import type { EnvironmentId, ServiceId } from "../domain/ids.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import type { WakeUp } from "../domain/wake-up.ts";
import type { About } from "./store-decision.ts";
import { storeEvents } from "./store-events.ts";
import type { Handled, Storing } from "./store-events.ts";

/**
 * Decides what an event means for a service, stores that, and wakes those who do what was decided. What is known of
 * the outside is what is recorded; what has to be looked at is left to them.
 * @throws TransientError when the store cannot be reached: nothing was decided, try again.
 */
export async function decideOnly(
  ports: DecidingPorts,
  service: ServiceId,
  event: ServiceEvent,
): Promise<Handled> {
  const about = { service, seen: await ports.store.read(service) };
  return decideOnlyAll(ports, about, { events: [event], guard: null });
}

/** The same for events of a service that was just read: they are decided one after the other, and stored together. */
export async function decideOnlySeen(
  ports: DecidingPorts,
  seen: SeenService,
  events: readonly ServiceEvent[],
): Promise<Handled> {
  const about = { service: seen.state.service.id, seen };
  return decideOnlyAll(ports, about, { events, guard: null });
}

/** The same for a service that may not be there yet; with a guard only while nobody is in its way. */
export async function decideOnlyAll(
  ports: DecidingPorts,
  about: About,
  { events, guard }: Pick<Storing, "events" | "guard">,
): Promise<Handled> {
  const { value, seen } = await storeEvents(ports, about, { events, guard, worker: null });
  const { reply, isNews, work } = value;
  if (work !== null) {
    await wake(ports, { kind: "service", service: about.service, look: null });
  }
  return { reply, isNews, seen };
}

/** Has somebody look what runs in an environment, as soon as may be. */
export async function askToLook(
  ports: DecidingPorts,
  service: ServiceId,
  environment: EnvironmentId,
): Promise<void> {
  await wake(ports, { kind: "service", service, look: environment });
}

/** Wakes those who act. That they cannot be told is no failure of what was decided: the tick makes up for it. */
export async function wake(ports: DecidingPorts, wakeUp: WakeUp): Promise<void> {
  try {
    await ports.work.wake(wakeUp);
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      ports.log.warn("nobody could be woken", { status: error.status, cause: error.message });
      return;
    }
    throw error;
  }
}
