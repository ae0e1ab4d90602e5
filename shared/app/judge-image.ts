import type { ServiceEvent } from "../domain/event.ts";
import type { ImageDescription } from "../domain/image.ts";
import type { Actor } from "../domain/release.ts";
import type { Service } from "../domain/service.ts";
import { findImage } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { ImageView } from "../ports/registry.ts";
import type { SeenService } from "../ports/store.ts";

/** An image as the registry shows it, under one of its tags. */
export type Offer = {
  readonly image: ImageView;
  readonly tag: string;
  /** When the tag was put on it, as far as that is known: fixed-width RFC 3339. */
  readonly at: string;
  /** Whether a message said so, rather than a look. */
  readonly isAnnounced: boolean;
  readonly by: Actor;
};

type ImageEvent = Extract<ServiceEvent, { kind: "image-found" | "image-refused" }>;

/** Whether an environment of the service follows the tag, or is deployed from it when somebody asks. */
export function isFollowed({ environments }: Service, tag: string): boolean {
  return environments.some(({ deploy }) => deploy.kind !== "rollout" && deploy.tag === tag);
}

/** What an image means to a service by its tags as they are now. */
export async function judgeImage(
  ports: DecidingPorts,
  seen: SeenService,
  offer: Offer,
): Promise<ImageEvent> {
  const { service } = seen.state;
  const { image, tag, at, isAnnounced, by } = offer;
  const { digest, uploadedAt, updatedAt: changedAt } = image;
  if (!image.tags.includes(tag)) {
    const reason = "the tag has moved on to another image, or was removed";
    return { kind: "image-refused", digest, tag, reason };
  }
  const reading = ports.tags.read(service.tags, tag);
  if (reading.kind === "refused" && !isFollowed(service, tag)) {
    return { kind: "image-refused", digest, tag, reason: reading.reason };
  }
  const description = await describeImage(ports, seen, image);
  if (description.kind === "other") {
    return { kind: "image-refused", digest, tag, reason: description.reason };
  }
  const isChosen = reading.kind === "accepted";
  const candidate = {
    digest,
    put: { tag, at, commit: isChosen ? reading.commit : null },
    isChosen,
    isAnnounced,
    rank: ports.tags.rank(service, tag),
    uploadedAt,
    changedAt,
    commit: description.commit,
    authors: description.authors,
  };
  return { kind: "image-found", candidate, by };
}

/** What the registry's image is. One that went in this moment is nothing that can run; one that is known is not read again. */
export async function describeImage(
  ports: DecidingPorts,
  { state }: SeenService,
  { digest }: ImageView,
): Promise<ImageDescription> {
  const known = findImage(state, digest);
  if (known !== null) {
    return { kind: "runnable", authors: known.authors, commit: known.commit };
  }
  const description = await ports.registry.inspect(state.service.image, digest);
  return description ?? { kind: "other", reason: "the registry no longer has it" };
}
