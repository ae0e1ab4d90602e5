import type { ServiceEvent } from "../domain/event.ts";
import type { ServiceId } from "../domain/ids.ts";
import type { Ports } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { drain } from "./drain.ts";
import { performAll } from "./perform.ts";
import type { About, LookAround } from "./store-decision.ts";
import { storeEvents } from "./store-events.ts";
import type { Handled } from "./store-events.ts";

/**
 * Decides what an event means for a service, stores that, then does what was decided.
 * Doing it again, at any time and from anywhere, is harmless.
 * @throws TransientError when the store cannot be reached: nothing was decided, try again.
 */
export async function handle(
  ports: Ports,
  service: ServiceId,
  event: ServiceEvent,
): Promise<Handled> {
  return handleAll(ports, { service, seen: await ports.store.read(service) }, [event]);
}

/**
 * The same for events of a service that was just read: they are decided one after the other, and stored together.
 * Without any, what was decided before is done.
 */
export async function handleSeen(
  ports: Ports,
  seen: SeenService,
  events: readonly ServiceEvent[],
): Promise<Handled> {
  return handleAll(ports, { service: seen.state.service.id, seen }, events);
}

async function handleAll(
  ports: Ports,
  about: About,
  events: readonly ServiceEvent[],
): Promise<Handled> {
  const { service } = about;
  const shift = { service, holder: ports.unique.next() };
  const look: LookAround = async (wanted) => performAll(ports, service, wanted);
  const { value, seen } = await storeEvents(ports, about, {
    events,
    guard: null,
    worker: { holder: shift.holder, look },
  });
  const { reply, isNews, work } = value;
  const after = work === null ? seen : await drain(ports, shift, { work, seen });
  return { reply, isNews, seen: after };
}
