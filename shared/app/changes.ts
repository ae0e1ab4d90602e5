import { changesOf, RELEASES_TOLD_MAX, releaseThere } from "../domain/changes/changes.ts";
import type { Changes } from "../domain/changes/changes.ts";
import type { SpecText } from "../domain/changes/kept-specs.ts";
import type { Release } from "../domain/release.ts";
import type { Environment } from "../domain/service.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Ports } from "../ports/ports.ts";

/** A release on its way to an environment. */
export type ChangesWish = {
  readonly environment: Environment;
  readonly release: Release;
  /** Whether it is gone back to, which runs no migration. */
  readonly isRollback: boolean;
};

/**
 * What goes to an environment with a release. It rests on what is recorded, and asks nobody outside. Costs one query,
 * which answers with at most `RELEASES_TOLD_MAX` releases and one more, and the two texts if the revisions differ.
 */
export async function changesTo(
  { store }: Pick<Ports, "store">,
  state: ServiceState,
  wish: ChangesWish,
): Promise<Changes> {
  const { release } = wish;
  const before = releaseThere(state, wish.environment);
  const [between, specs] = await Promise.all([
    betweenThem(store, before, release),
    textsOf(store, state, [before?.revision ?? null, release.revision]),
  ]);
  return changesOf({ state, ...wish, between, specs });
}

async function betweenThem(
  store: Ports["store"],
  before: Release | null,
  { service, order }: Release,
): Promise<readonly Release[]> {
  if (before === null || before.order === order) {
    return [];
  }
  const [after, upTo] = before.order < order ? [before.order, order] : [order, before.order];
  return store.releasesBetween(service, { after, upTo, limit: RELEASES_TOLD_MAX + 1 });
}

/** Equal revisions need no text. A place may hold another revision by now, which the comparison sees. */
async function textsOf(
  store: Ports["store"],
  state: ServiceState,
  [from, to]: readonly [string | null, string],
): Promise<readonly SpecText[]> {
  if (from === null || from === to) {
    return [];
  }
  const wanted = state.specs.filter(({ revision }) => revision === from || revision === to);
  const places = wanted.map(({ place }) => place);
  return places.length < 2 ? [] : store.specs(state.service.id, places);
}
