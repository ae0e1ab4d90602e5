import { liftHold, placeHold } from "../../shared/app/holds.ts";
import { holdId } from "../../shared/domain/ids.ts";
import type { EnvironmentId, HoldId } from "../../shared/domain/ids.ts";
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
 * The steps for `rollout.suspended`: a hold on each stage of the rollout. Environments outside the stages go on, as
 * they do upstream. Cloud Deploy's own suspension of a pipeline stops rollbacks as well, so it is not used. Holds of
 * what is no stage, or suspended no longer, are lifted.
 */
export function planSuspension(
  ports: Ports,
  wanted: { readonly service: Service; readonly isSuspended: boolean; readonly by: Actor },
  stored: ServiceAggregate | null,
): readonly PlannedStep[] {
  const { service, isSuspended, by } = wanted;
  const stages = isSuspended ? service.environments.filter(({ stage }) => stage !== null) : [];
  const ids = new Map(stages.map((environment) => [idOf(service, environment.id), environment]));
  const held = (stored?.state.holds ?? [])
    .map(({ id }) => id)
    .filter((id) => id === idOf(service) || id.startsWith(`${idOf(service)}-`));
  const placed = [...ids].map(([id, environment]) =>
    held.includes(id)
      ? unchanged("hold", id)
      : creation("hold", id, async () => {
          const scope = {
            kind: "environment",
            service: service.id,
            environment: environment.id,
          } as const;
          const createdAt = ports.clock.now();
          const hold = { id, scope, reason: REASON, by, asOncall: false, createdAt, until: null };
          refuse(id, await placeHold(ports, hold));
        }),
  );
  return [...placed, ...held.filter((id) => !ids.has(id)).map((id) => lifting(ports, id, by))];
}

/** The id of a stage's hold; without a stage, that of a hold on the whole service as it once was placed. */
function idOf({ id }: Service, stage?: EnvironmentId): HoldId {
  return holdId(stage === undefined ? `hold-suspended-${id}` : `hold-suspended-${id}-${stage}`);
}

function lifting(ports: Ports, id: HoldId, by: Actor): PlannedStep {
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
