import { openPromotions } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import { reachEach } from "./each-service.ts";
import { handleSeen } from "./handle.ts";
import { lookAtPromotion } from "./observe.ts";
import { decided, ignored } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";

/** Where a notification of Cloud Deploy points; what it claims is not believed but looked up. */
export type DeployHint = {
  readonly pipeline: string;
  /** Null when the notification is about a release or a target. */
  readonly rollout: string | null;
};

/** Cloud Deploy says that something moved: the rollout is read afresh and decided on. */
export async function onDeployNotification(ports: Ports, hint: DeployHint): Promise<Outcome> {
  if (hint.rollout === null) {
    return ignored("not about a rollout");
  }
  const services = await ports.store.findByPipeline(hint.pipeline);
  const observed = await reachEach(ports, services, async (seen) => {
    const { state } = seen;
    const promotion = openPromotions(state).find(({ id }) => id === hint.rollout);
    if (promotion === undefined) {
      return [];
    }
    await handleSeen(ports, seen, await lookAtPromotion(ports, state, promotion));
    return [promotion.id];
  });
  const [id] = observed.flat();
  return id === undefined
    ? ignored("no open promotion has this rollout")
    : decided(`rollout ${id} observed`);
}
