import type { ReleaseId } from "../ids.ts";
import type { Release } from "../release.ts";
import { openPromotions } from "../state.ts";
import type { ServiceState } from "../state.ts";
import { entryOf } from "../entry-of.ts";

/**
 * The state with only the releases that something in it refers to, so that it stays small however long the history is.
 * Other releases are in the history, from which the shell brings one back when somebody names it.
 */
export function retainReferenced(state: ServiceState): ServiceState {
  const referenced = new Set<ReleaseId>(openPromotions(state).map(({ release }) => release));
  for (const { current, healthy, contract } of Object.values(state.environments)) {
    if (contract !== null) {
      referenced.add(contract.release);
    }
    for (const { release } of current === null ? healthy : [current, ...healthy]) {
      referenced.add(release);
    }
  }
  if (state.newest !== null) {
    referenced.add(state.newest);
  }
  const kept: Record<string, Release> = {};
  for (const id of referenced) {
    const release = entryOf(state.releases, id);
    if (release !== undefined) {
      kept[id] = release;
    }
  }
  const isAllKept = Object.keys(kept).length === Object.keys(state.releases).length;
  return isAllKept ? state : { ...state, releases: kept };
}
