import type { ReleaseId } from "./ids.ts";
import type { Image } from "./image.ts";
import type { Release } from "./release.ts";
import type { ServiceState } from "./state.ts";
import { entryOf } from "./entry-of.ts";

/** What the history has of releases that were named: those that exist, and their images, even without a release. */
export type Named = { readonly releases: readonly Release[]; readonly images: readonly Image[] };

/** The named releases that the state does not hold, which are therefore looked for in the history. */
export function notHeld(
  { releases }: ServiceState,
  named: readonly ReleaseId[],
): readonly ReleaseId[] {
  return [...new Set(named)].filter((id) => entryOf(releases, id) === undefined);
}

/** The state with what the history has of what was named. If both know an image, the state's knowledge counts. */
export function withNamed(state: ServiceState, named: Named): ServiceState {
  if (named.releases.length === 0 && named.images.length === 0) {
    return state;
  }
  const held = new Map(Object.values(state.releases).map(({ image }) => [image.digest, image]));
  const releases = { ...state.releases };
  for (const release of named.releases) {
    releases[release.id] = { ...release, image: held.get(release.digest) ?? release.image };
  }
  const images = Object.fromEntries(named.images.map((image) => [image.id, image]));
  return { ...state, releases, images: { ...state.images, ...images } };
}
