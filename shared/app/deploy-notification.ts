import type { ServiceEvent } from "../domain/event.ts";
import { openPromotions } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import { reachEach } from "./each-service.ts";
import { lookAtNamedRollout } from "./foreign-rollout.ts";
import { handleSeen } from "./handle.ts";
import { lookAtPromotion } from "./observe.ts";
import { decided, ignored } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";

/** Where a notification of Cloud Deploy points; what it claims is not believed but looked up. */
export type DeployHint = {
  readonly pipeline: string;
  /** Null when the notification is about a release or a target. */
  readonly rollout: string | null;
  /** The rollout's release; null when it is not named. */
  readonly release: string | null;
};

/** Cloud Deploy says that something moved: the rollout is read afresh and decided on. */
export async function onDeployNotification(ports: Ports, hint: DeployHint): Promise<Outcome> {
  if (hint.rollout === null) {
    return ignored("not about a rollout");
  }
  const services = await ports.store.findByPipeline(hint.pipeline);
  const { pipeline, rollout, release } = hint;
  const observed = await reachEach(ports, services, async (seen, own) => {
    const events = await lookWhere(own, seen.state, { pipeline, rollout, release });
    if (events.length > 0) {
      await handleSeen(own, seen, events);
    }
    return events.length === 0 ? [] : [rollout];
  });
  return observed.flat().length === 0
    ? ignored("neither a promotion nor a target of ours has this rollout")
    : decided(`rollout ${rollout} observed`);
}

/** Looks at the promotion whose rollout it is, or at a rollout that somebody else made. */
async function lookWhere(
  ports: Ports,
  state: ServiceState,
  hint: DeployHint & { readonly rollout: string },
): Promise<readonly ServiceEvent[]> {
  const { pipeline, rollout, release } = hint;
  const promotion = openPromotions(state).find(({ id }) => id === rollout);
  if (promotion !== undefined) {
    return lookAtPromotion(ports, state, promotion);
  }
  return release === null ? [] : lookAtNamedRollout(ports, state, { pipeline, rollout, release });
}
