import { putAt } from "./image.ts";
import { isNewer } from "./release.ts";
import type { Release } from "./release.ts";
import type { Environment } from "./service.ts";

/**
 * Whether a release is newer than another for an environment. An environment that follows a tag must end at what the
 * tag points to, so there the image that got the tag later is newer, whatever else is known of the images.
 */
export function isNewerIn(environment: Environment, release: Release, other: Release): boolean {
  const { deploy } = environment;
  if (deploy.kind !== "subscription") {
    return isNewer(release, other);
  }
  const [at, otherAt] = [putAt(release.image, deploy.tag), putAt(other.image, deploy.tag)];
  return at === otherAt ? isNewer(release, other) : at > otherAt;
}
