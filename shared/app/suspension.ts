import type { ApplyStep } from "../domain/apply-plan.ts";
import type { ServiceEvent } from "../domain/event.ts";
import { holdId } from "../domain/ids.ts";
import type { EnvironmentId, HoldId } from "../domain/ids.ts";
import type { Actor } from "../domain/release.ts";
import type { Service } from "../domain/service.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";

const REASON = "rollout.suspended in service.yaml";

/** A step, and the event that makes it; none where there is nothing to do. */
export type Suspending = { readonly step: ApplyStep; readonly event: ServiceEvent | null };

/**
 * What `rollout.suspended` asks for: a hold on each stage of the rollout. Environments outside the stages go on, as
 * they do upstream. Cloud Deploy's own suspension of a pipeline stops rollbacks as well, so it is not used. Holds of
 * what is no stage, or suspended no longer, are lifted.
 */
export function suspensionOf(
  stored: ServiceState | null,
  wanted: { readonly service: Service; readonly isSuspended: boolean; readonly by: Actor },
  now: Instant,
): readonly Suspending[] {
  const { service, isSuspended, by } = wanted;
  const stages = isSuspended ? service.environments.filter(({ stage }) => stage !== null) : [];
  const ids = new Map(stages.map(({ id }) => [idOf(service, id), id]));
  const held = (stored?.holds ?? [])
    .map(({ id }) => id)
    .filter((id) => id === idOf(service) || id.startsWith(`${idOf(service)}-`));
  const placed = [...ids].map(([id, environment]): Suspending => {
    if (held.includes(id)) {
      return { step: { kind: "hold", name: id, action: "unchanged", changes: [] }, event: null };
    }
    const scope = { kind: "environment", service: service.id, environment } as const;
    const about = { id, scope, reason: REASON, by, asOncall: false, createdAt: now, until: null };
    return {
      step: { kind: "hold", name: id, action: "create", changes: [] },
      event: { kind: "hold-placed", hold: about },
    };
  });
  const lifted = held
    .filter((id) => !ids.has(id))
    .map((id): Suspending => ({
      step: { kind: "hold", name: id, action: "delete", changes: [] },
      event: { kind: "hold-lifted", hold: id, by, asOncall: false },
    }));
  return [...placed, ...lifted];
}

/** The id of a stage's hold; without a stage, that of a hold on the whole service as it once was placed. */
function idOf({ id }: Service, stage?: EnvironmentId): HoldId {
  return holdId(stage === undefined ? `hold-suspended-${id}` : `hold-suspended-${id}-${stage}`);
}
