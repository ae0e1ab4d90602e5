import { blocking } from "../gates/judge.ts";
import { isUnread } from "../gates/unread.ts";
import type { GateReport } from "../gates/verdict.ts";
import type { Promotion } from "../promotion.ts";
import type { Release } from "../release.ts";
import type { Environment } from "../service.ts";
import { after, minutes } from "../time.ts";
import type { Change } from "./change.ts";

/**
 * How long a promotion may wait whose requester does not want to wait: as long as it takes to read incidents and
 * signatures that nobody has read yet.
 */
export const LOOK_WAIT_MAX = minutes(1);

/** The closed gates of a promotion that are not closed only because nobody has read the outside yet. */
export function knownToBlock(
  { state, now }: Change,
  promotion: Promotion,
  { environment, release }: { readonly environment: Environment; readonly release: Release },
): readonly GateReport[] {
  const context = { state, environment, release, promotion, now };
  return blocking(promotion.gates, promotion.breakGlass).filter(
    ({ gate }) => !isUnread(gate, context),
  );
}

/** Whether whoever asked for a promotion wanted it at once or not at all. */
export function isImpatient({ deadline, createdAt, state }: Promotion): boolean {
  return state === "WAITING" && deadline !== null && deadline <= after(createdAt, LOOK_WAIT_MAX);
}
