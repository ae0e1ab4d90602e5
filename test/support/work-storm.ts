import { decideOnly } from "../../shared/app/decide-only.ts";
import { onWork } from "../../shared/app/work.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import { tolerant } from "./hostile-storm.ts";
import type { MemoryPorts } from "./memory-ports.ts";

/** What happens to the wake-ups of those who act: from now on they wait; they come, in any order; or they never do. */
export type WorkHappening = {
  readonly kind: "work";
  readonly does: "wait" | "come" | "come-backwards" | "repeat" | "get-lost";
};

const WEB = serviceId("web");

/** The worlds in which wake-ups wait. */
const waiting = new WeakSet<MemoryPorts>();

/** Somebody asks for something: it is decided, and done at once where wake-ups come at once. */
export async function wish(memory: MemoryPorts, event: ServiceEvent): Promise<void> {
  await decideOnly(memory.ports, WEB, event);
  await letWorkCome(memory);
}

/** Delivers what was sent, where wake-ups come at once. */
export async function letWorkCome(memory: MemoryPorts): Promise<void> {
  if (!waiting.has(memory)) {
    await deliverEach(memory);
  }
}

/** Delivers each wake-up as a message of its own: what ends with a bad neighbour's error keeps no other from coming. */
async function deliverEach(memory: MemoryPorts): Promise<void> {
  const { ports, wakeUps } = memory;
  for (let next = wakeUps.shift(); next !== undefined; next = wakeUps.shift()) {
    const wakeUp = next;
    await tolerant(memory, async () => onWork(ports, wakeUp));
  }
}

/** Lets it happen, once. */
export async function happenToWork(memory: MemoryPorts, { does }: WorkHappening): Promise<void> {
  const { ports, wakeUps } = memory;
  switch (does) {
    case "wait":
      waiting.add(memory);
      return;
    case "come-backwards":
      wakeUps.reverse();
      return deliverEach(memory);
    case "come":
      return deliverEach(memory);
    case "repeat":
      await onWork(ports, { kind: "service", service: WEB, look: null });
      return;
    case "get-lost":
      wakeUps.length = 0;
  }
}
