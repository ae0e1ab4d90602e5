import type { ServiceEvent } from "../domain/event.ts";
import type { Promotion } from "../domain/promotion.ts";
import { findEnvironment, openPromotions } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";
import type { ServiceAggregate } from "../ports/store.ts";
import { changesNothing } from "./dry.ts";
import { handle } from "./handle.ts";
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
      await observeRollout(ports, aggregate, promotion);
      return decided(`rollout ${promotion.id} observed`);
    }
  }
  return ignored("no open promotion has this rollout");
}

/**
 * Reads a promotion's rollout and decides on what it shows. A dry decision on the state as it was read
 * comes first: most notifications change nothing, and then no transaction is needed.
 */
export async function observeRollout(
  ports: Ports,
  aggregate: ServiceAggregate,
  promotion: Promotion,
): Promise<void> {
  const { service } = aggregate.state;
  const environment = findEnvironment(service, promotion.environment);
  if (environment === null || promotion.state !== "RUNNING") {
    return;
  }
  const key = { rollout: promotion.id, release: promotion.release };
  const rollout = await ports.deploy.getRollout(environment.pipeline, key);
  if (rollout === null) {
    return;
  }
  const event: ServiceEvent = { kind: "rollout-observed", rollout };
  if (!changesNothing(ports, aggregate, event)) {
    await handle(ports, service.id, event);
  }
}
