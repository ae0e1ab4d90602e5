import type { ReleaseId } from "./ids.ts";
import { putAt } from "./image.ts";
import type { Release } from "./release.ts";
import type { ServiceState } from "./state.ts";

/** The release of the image that got the tag last, of those that the state knows; of several, the one made last. */
export function followedRelease({ releases }: ServiceState, tag: string): ReleaseId | null {
  const [release] = Object.values(releases)
    .filter(({ image }) => putAt(image, tag) !== "")
    .toSorted((one, other) => (placeOf(one, tag) < placeOf(other, tag) ? 1 : -1));
  return release?.id ?? null;
}

const INSTANT_DIGITS = 15;

function placeOf({ image, createdAt }: Release, tag: string): string {
  return `${putAt(image, tag)} ${String(createdAt).padStart(INSTANT_DIGITS, "0")}`;
}
