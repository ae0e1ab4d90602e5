import { hasRoomFor, largestEnvironment } from "../budget.ts";
import type { Promotion } from "../promotion.ts";
import type { Refusal } from "../refusal.ts";
import { environmentState, openPromotions } from "../state.ts";
import type { ServiceState } from "../state.ts";

/** How many promotions may wait in one environment when its queue keeps all. */
export const WAITING_MAX = 20;

/** How many more promotions may wait there if somebody breaks the glass for them. */
const WAITING_RESERVE_MAX = 5;

/** Why there is no room for a promotion, and what makes room; a rollback always fits. */
export function refuseFull(state: ServiceState, promotion: Promotion): Refusal | null {
  const { environment } = promotion;
  const { waiting } = environmentState(state, environment);
  if (promotion.kind === "rollback") {
    return null;
  }
  const reserve = promotion.breakGlass === null ? 0 : WAITING_RESERVE_MAX;
  const isFull = waiting.length >= WAITING_MAX + reserve;
  if (!isFull && hasRoomFor(state, promotion)) {
    return null;
  }
  const open = isFull ? waiting : openPromotions(state);
  const where = isFull ? `wait in ${environment}` : `of ${state.service.id} are open`;
  const why = isFull ? "" : ", and there is no room for one more beside them";
  const oldest = open.find(({ state: how }) => how === "WAITING") ?? open[0];
  const message = `${open.length} promotions ${where} already${why}`;
  if (oldest === undefined) {
    const largest = `environment ${largestEnvironment(state)} takes most of the room: make it a service of its own, or back up fewer databases there`;
    return { kind: "conflict", message: `${message}; ${largest}` };
  }
  const how = `cancel one first, such as ${oldest.id}, asked for by ${oldest.requestedBy}`;
  const step = { kind: "cancel" as const, promotion: oldest.id };
  return { kind: "conflict", message, help: { how, step } };
}
