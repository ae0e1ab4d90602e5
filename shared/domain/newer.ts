import { putAt } from "./image.ts";
import { isNewer } from "./release.ts";
import type { Release } from "./release.ts";
import type { Environment } from "./service.ts";

/**
 * Whether a release comes after another where it goes by itself. An environment that follows a tag ends at what
 * the tag points to, so there the later put of that tag comes after, whatever else the images are.
 */
export function isNewerIn(environment: Environment, release: Release, other: Release): boolean {
  const { deploy } = environment;
  if (deploy.kind !== "subscription") {
    return isNewer(release, other);
  }
  const [at, otherAt] = [putAt(release.image, deploy.tag), putAt(other.image, deploy.tag)];
  return at === otherAt ? isNewer(release, other) : at > otherAt;
}
