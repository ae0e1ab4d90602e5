import { liftHold, placeHold } from "../../shared/app/holds.ts";
import { holdId } from "../../shared/domain/ids.ts";
import type { Refusal } from "../../shared/domain/refusal.ts";
import type { Actor } from "../../shared/domain/release.ts";
import type { Service } from "../../shared/domain/service.ts";
import { PermanentError } from "../../shared/ports/errors.ts";
import type { Ports } from "../../shared/ports/ports.ts";
import type { ServiceAggregate } from "../../shared/ports/store.ts";
import { creation, unchanged } from "./step.ts";
import type { PlannedStep } from "./step.ts";

const REASON = "rollout.suspended in service.yaml";

/**
 * The step for `rollout.suspended`: a hold on the service. Cloud Deploy's own suspension of a pipeline stops
 * rollbacks as well, so it is not used. Null when the specification is not suspended and never was.
 */
export function planSuspension(
  ports: Ports,
  wanted: { readonly service: Service; readonly isSuspended: boolean; readonly by: Actor },
  stored: ServiceAggregate | null,
): PlannedStep | null {
  const { service, isSuspended, by } = wanted;
  const id = holdId(`hold-suspended-${service.id}`);
  const isHeld = stored?.state.holds.some((hold) => hold.id === id) ?? false;
  if (isSuspended === isHeld) {
    return isHeld ? unchanged("hold", id) : null;
  }
  if (isSuspended) {
    return creation("hold", id, async () => {
      const scope = { kind: "service", service: service.id } as const;
      const createdAt = ports.clock.now();
      const hold = { id, scope, reason: REASON, by, asOncall: false, createdAt, until: null };
      refuse(id, await placeHold(ports, hold));
    });
  }
  const perform = async (): Promise<void> => {
    const refusal = await liftHold(ports, { hold: id, by, asOncall: false });
    refuse(id, refusal?.kind === "not-found" ? null : refusal);
  };
  return { kind: "hold", name: id, action: "delete", changes: [], notes: [], perform };
}

function refuse(id: string, refusal: Refusal | null): void {
  if (refusal !== null) {
    throw new PermanentError("FAILED_PRECONDITION", `${id}: ${refusal.message}`);
  }
}
