import type { EnvironmentId, PromotionId, ServiceId } from "./ids.ts";
import type { Deployment } from "./state.ts";
import type { Instant } from "./time.ts";

/** What was in an environment from when to when. */
export type TimelineEntry = {
  readonly id: PromotionId;
  readonly environment: EnvironmentId;
  readonly deployment: Deployment;
  /** When the next deployment took its place; null while this one is there. */
  readonly to: Instant | null;
};

/** An entry of the timeline, and whose it is. */
export type PlacedEntry = TimelineEntry & { readonly service: ServiceId };

/** The entry of a deployment that is there now. */
export function openEntry(environment: EnvironmentId, deployment: Deployment): TimelineEntry {
  return { id: deployment.promotion, environment, deployment, to: null };
}

/** The entry of a deployment that another one has replaced. */
export function closedEntry(
  environment: EnvironmentId,
  deployment: Deployment,
  to: Instant,
): TimelineEntry {
  return { id: deployment.promotion, environment, deployment, to };
}
