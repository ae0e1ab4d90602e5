import { findEnvironment, openPromotions } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import { observePromotion } from "./observe.ts";
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
  for (const aggregate of services) {
    const promotion = openPromotions(aggregate.state).find(({ id }) => id === hint.rollout);
    if (promotion !== undefined) {
      const environment = findEnvironment(aggregate.state.service, promotion.environment);
      if (environment !== null) {
        await observePromotion(ports, aggregate, { promotion, environment });
      }
      return decided(`rollout ${promotion.id} observed`);
    }
  }
  return ignored("no open promotion has this rollout");
}
