import { entryOf } from "../domain/entry-of.ts";
import { hasBrought } from "../domain/notices/promotion-shown.ts";
import type { Promotion } from "../domain/promotion.ts";
import { releaseCommit } from "../domain/release.ts";
import type { Release } from "../domain/release.ts";
import { environmentState } from "../domain/state.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Store } from "../ports/store.ts";
import { COMMITS_TOLD_MAX } from "./notice-limits.ts";

/**
 * The commits that a promotion brought to production, the newest first: those of its release, and of the releases
 * between it and the one that was there before. They are Slipway's own records, so no right to read the source is
 * needed. Empty where it brought none. Costs one query, where there is something between.
 */
export async function commitsBrought(
  store: Pick<Store, "release" | "releasesBetween">,
  state: ServiceState,
  { promotion, release }: { readonly promotion: Promotion; readonly release: Release | null },
): Promise<readonly string[]> {
  const { service } = state;
  const { current, healthy } = environmentState(state, promotion.environment);
  const isCurrent = current?.promotion === promotion.id;
  if (release === null || !hasBrought(service, promotion, isCurrent)) {
    return [];
  }
  const [last] = healthy;
  const before =
    last === undefined
      ? null
      : (entryOf(state.releases, last.release) ?? (await store.release(service.id, last.release)));
  if (before === null) {
    return commitsOf([release]);
  }
  const range = { after: before.order, upTo: release.order, limit: COMMITS_TOLD_MAX };
  return before.order < release.order
    ? commitsOf(await store.releasesBetween(service.id, range))
    : [];
}

function commitsOf(releases: readonly Release[]): readonly string[] {
  const commits = releases.map(releaseCommit).filter((commit) => commit !== null);
  return [...new Set(commits)];
}
