import { UnreadableError } from "../../shared/ports/errors.ts";
import type { ControlAggregate } from "../../shared/ports/store.ts";
import type { StoreWorld } from "./memory-store.ts";

/** The document of a service may be damaged. @throws UnreadableError when it is. */
export function refuseDamaged(world: StoreWorld, service: string): void {
  const reason = world.damaged.get(service);
  if (reason !== undefined) {
    throw new UnreadableError(`services/${service}`, reason);
  }
}

/** The control document, which may be damaged. @throws UnreadableError when it is. */
export function readableControl({ damagedControl, control }: StoreWorld): ControlAggregate {
  if (damagedControl !== null) {
    throw new UnreadableError("control/slipway", damagedControl);
  }
  return control;
}
