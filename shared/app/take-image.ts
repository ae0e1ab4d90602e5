import type { ServiceEvent } from "../domain/event.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { ImageView } from "../ports/registry.ts";
import type { SeenService } from "../ports/store.ts";
import { decideOnlySeen } from "./decide-only.ts";
import { describeImage, foundImage, toCandidate } from "./judge-image.ts";
import type { Handled } from "./store-events.ts";

/**
 * Takes an image that somebody names: the release is made whatever its tag says. What is no image that can
 * run is refused with the reason.
 */
export async function takeImage(
  ports: DecidingPorts,
  seen: SeenService,
  offer: { readonly image: ImageView; readonly tag: string | null; readonly by: string },
): Promise<Result<Handled, string>> {
  const { service } = seen.state;
  const { image, tag, by } = offer;
  const description = await describeImage(seen, foundImage(ports, service.image, image));
  if (description.kind === "other") {
    return refused(description.reason);
  }
  const reading = tag === null ? null : ports.tags.read(service.tags, tag);
  const commit = reading?.kind === "accepted" ? reading.commit : null;
  const put = tag === null ? null : { tag, at: image.updatedAt, commit };
  const offered = { image, description, put, isChosen: true, isAnnounced: false };
  const candidate = toCandidate(ports, service, offered);
  const event: ServiceEvent = { kind: "image-found", candidate, by };
  return accepted(await decideOnlySeen(ports, seen, [event]));
}
