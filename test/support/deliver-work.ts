import { onWork } from "../../shared/app/work.ts";
import type { MemoryPorts } from "./memory-ports.ts";

/** Delivers every wake-up that was sent, in order, and those that come of them. */
export async function deliverWork({ ports, wakeUps }: MemoryPorts): Promise<void> {
  for (let next = wakeUps.shift(); next !== undefined; next = wakeUps.shift()) {
    await onWork(ports, next);
  }
}
