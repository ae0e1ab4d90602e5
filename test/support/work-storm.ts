import { decideOnly } from "../../shared/app/decide-only.ts";
import { onWork } from "../../shared/app/work.ts";
import type { ServiceEvent } from "../../shared/domain/event.ts";
import { serviceId } from "../../shared/domain/ids.ts";
import { deliverWork } from "./deliver-work.ts";
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
    await deliverWork(memory);
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
      return deliverWork(memory);
    case "come":
      return deliverWork(memory);
    case "repeat":
      await onWork(ports, { kind: "service", service: WEB, look: null });
      return;
    case "get-lost":
      wakeUps.length = 0;
  }
}
