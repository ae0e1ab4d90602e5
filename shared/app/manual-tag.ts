import type { ServiceEvent } from "../domain/event.ts";
import { followedRelease } from "../domain/followed.ts";
import { releaseId } from "../domain/ids.ts";
import type { ReleaseId } from "../domain/ids.ts";
import type { Refusal } from "../domain/refusal.ts";
import type { Actor } from "../domain/release.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Environment } from "../domain/service.ts";
import type { ServiceState } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { SeenService } from "../ports/store.ts";
import { foundImage, judgeImage } from "./judge-image.ts";

/** The release of the image that a tag is on, and what makes it one if it is none yet. */
export type TaggedRelease = {
  readonly release: ReleaseId;
  /** To be decided before anything is asked of the release. */
  readonly events: readonly ServiceEvent[];
};

/**
 * What an environment with a tag gets when nobody names a release: the image that its tag is on in the registry at
 * this moment. Null for environments of the type rollout.
 */
export async function taggedRelease(
  ports: DecidingPorts,
  seen: SeenService,
  { environment, by }: { readonly environment: Environment; readonly by: Actor },
): Promise<Result<TaggedRelease | null, Refusal>> {
  const { service } = seen.state;
  const { deploy } = environment;
  if (deploy.kind === "rollout") {
    return accepted(null);
  }
  const { tag } = deploy;
  const digest = await ports.registry.findTag(service.image, tag);
  const image = digest === null ? null : await ports.registry.getImage(service.image, digest);
  if (image === null) {
    const message = `${environment.id} is deployed from the tag ${tag}, and ${service.image} has no such tag; push it, or name a release`;
    return refused({ kind: "not-found", message });
  }
  const found = foundImage(ports, service.image, image);
  const offer = { ...found, tag, at: image.updatedAt, isAnnounced: false, by };
  const event = await judgeImage(ports, seen, offer);
  if (event.kind === "image-refused") {
    const message = `the image with the tag ${tag} cannot be deployed: ${event.reason}`;
    return refused({ kind: "conflict", message });
  }
  const release = releaseId(image.digest, service.revision);
  return accepted({
    release,
    events: isFollowing(seen.state, { environment, release }) ? [] : [event],
  });
}

/** Whether the state knows that the followed tag is on the release: then nothing is to be decided before. */
function isFollowing(
  state: ServiceState,
  { environment, release }: { readonly environment: Environment; readonly release: ReleaseId },
): boolean {
  const { deploy } = environment;
  return deploy.kind === "subscription" && followedRelease(state, deploy.tag) === release;
}
