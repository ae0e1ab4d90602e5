import type { ReleaseId } from "./ids.ts";
import type { Image } from "./image.ts";
import type { Release } from "./release.ts";
import type { ServiceState } from "./state.ts";
import { entryOf } from "./entry-of.ts";

/** Of releases that are named: those that exist, and what is known of the images, also of those without a release. */
export type Named = { readonly releases: readonly Release[]; readonly images: readonly Image[] };

/** The releases that are named and that the state does not hold: they are looked for in the history. */
export function notHeld(
  { releases }: ServiceState,
  named: readonly ReleaseId[],
): readonly ReleaseId[] {
  return [...new Set(named)].filter((id) => entryOf(releases, id) === undefined);
}

/** The state with what the history has of what was named. Of an image that the state knows, the state knows best. */
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
