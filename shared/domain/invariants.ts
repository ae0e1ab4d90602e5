import { blocking } from "./gates/judge.ts";
import { isAt, stepOf } from "./promotion.ts";
import type { Promotion } from "./promotion.ts";
import type { ServiceState } from "./state.ts";
import { openPromotions } from "./state.ts";
import { entryOf } from "./entry-of.ts";

/**
 * Each invariant that a state breaks, in words; empty when all hold. Asserted before a state is stored, and by the
 * property tests over all sequences of events.
 */
export function brokenInvariants(state: ServiceState): readonly string[] {
  return [
    ...openPromotions(state).flatMap((promotion) => brokenByPromotion(state, promotion)),
    ...brokenReferences(state),
    ...Object.values(state.environments).flatMap(({ active, waiting }) =>
      brokenPlaces(active, waiting),
    ),
  ];
}

function brokenByPromotion(state: ServiceState, promotion: Promotion): readonly string[] {
  const broken: string[] = [];
  const hasRollout = isAt(promotion, "rollout");
  if (hasRollout && blocking(promotion.gates, promotion.breakGlass).length > 0) {
    broken.push(`${promotion.id} has a rollout behind a closed gate`);
  }
  if (hasRollout && stepOf(promotion, "backup") !== null && !isBackedUp(promotion)) {
    broken.push(`${promotion.id} has a rollout before its backups have finished`);
  }
  if (promotion.deadline === null) {
    broken.push(`${promotion.id} is open and has no deadline`);
  }
  if (entryOf(state.releases, promotion.release) === undefined) {
    broken.push(`${promotion.id} moves ${promotion.release}, which the state does not hold`);
  }
  return broken;
}

function isBackedUp({ backups }: Promotion): boolean {
  return backups.length > 0 && backups.every(({ state }) => state === "SUCCEEDED");
}

function brokenPlaces(active: Promotion | null, waiting: readonly Promotion[]): readonly string[] {
  const misplaced = waiting.filter((promotion) => promotion.state !== "WAITING");
  const isIdle = active !== null && active.state !== "RUNNING";
  const broken = misplaced.map(({ id, state }) => `${id} waits in line and is ${state}`);
  return isIdle ? [...broken, `${active.id} is the active one and is ${active.state}`] : broken;
}

function brokenReferences(state: ServiceState): readonly string[] {
  const deployed = Object.values(state.environments).flatMap(({ current }) =>
    current === null ? [] : [current.release],
  );
  const named = state.newest === null ? deployed : [...deployed, state.newest];
  return named
    .filter((id) => entryOf(state.releases, id) === undefined)
    .map((id) => `the state names ${id} and does not hold it`);
}
