import type { ServiceEvent } from "../domain/event.ts";
import { OTHER_TAGS_MAX } from "../domain/image.ts";
import type { ImageDescription } from "../domain/image.ts";
import type { Actor, Candidate } from "../domain/release.ts";
import type { Service } from "../domain/service.ts";
import { findImage } from "../domain/state.ts";
import type { DecidingPorts } from "../ports/ports.ts";
import type { ImageView } from "../ports/registry.ts";
import type { SeenService } from "../ports/store.ts";

/** An image as the registry shows it, and what it is. */
export type FoundImage = {
  readonly image: ImageView;
  /** What it is, read from the registry when somebody first asks, and once; null when it has gone by then. */
  readonly describe: () => Promise<ImageDescription | null>;
};

/** The same under one of its tags. */
export type Offer = FoundImage & {
  readonly tag: string;
  /** When the tag was put on it, as far as that is known: fixed-width RFC 3339. */
  readonly at: string;
  /** Whether a message said so, rather than a look. */
  readonly isAnnounced: boolean;
  readonly by: Actor;
};

/** An image whose manifest is read once, however many tags it is offered under, and to however many services. */
export function foundImage(ports: DecidingPorts, repository: string, image: ImageView): FoundImage {
  let reading: Promise<ImageDescription | null> | null = null;
  return {
    image,
    describe: async () => {
      reading ??= ports.registry.inspect(repository, image.digest);
      return reading;
    },
  };
}

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
  const { digest } = image;
  const otherTags = otherTagsOf(ports, service, image);
  const refusal = { kind: "image-refused" as const, digest, tag, otherTags };
  if (!image.tags.includes(tag)) {
    return { ...refusal, reason: "the tag has moved on to another image, or was removed" };
  }
  const reading = ports.tags.read(service.tags, tag);
  if (reading.kind === "refused" && !isFollowed(service, tag)) {
    return { ...refusal, reason: reading.reason };
  }
  const description = await describeImage(seen, offer);
  if (description.kind === "other") {
    return { ...refusal, reason: description.reason };
  }
  const isChosen = reading.kind === "accepted";
  const put = { tag, at, commit: isChosen ? reading.commit : null };
  const candidate = toCandidate(ports, service, { image, description, put, isChosen, isAnnounced });
  return { kind: "image-found", candidate, by };
}

/** The tags of an image that make no release and that no environment follows. */
function otherTagsOf(
  ports: DecidingPorts,
  service: Service,
  { tags }: ImageView,
): readonly string[] {
  return tags
    .filter(
      (tag) => ports.tags.read(service.tags, tag).kind === "refused" && !isFollowed(service, tag),
    )
    .slice(0, OTHER_TAGS_MAX);
}

/** What an image that can run is offered as. */
type Offered = Pick<Candidate, "put" | "isChosen" | "isAnnounced"> & {
  readonly image: ImageView;
  readonly description: Extract<ImageDescription, { kind: "runnable" }>;
};

/** The candidate that an image is for a service, under the tag that was put on it. */
export function toCandidate(
  ports: DecidingPorts,
  service: Service,
  { image, description, put, isChosen, isAnnounced }: Offered,
): Candidate {
  const { digest, uploadedAt, updatedAt: changedAt } = image;
  const { commit, authors } = description;
  const rank = put === null ? null : ports.tags.rank(service, put.tag);
  const tagged = { digest, put, otherTags: otherTagsOf(ports, service, image) };
  return { ...tagged, isChosen, isAnnounced, rank, uploadedAt, changedAt, commit, authors };
}

/** What the image is. One that went in this moment is nothing that can run; one that is known is not read again. */
export async function describeImage(
  { state }: SeenService,
  { image, describe }: FoundImage,
): Promise<ImageDescription> {
  const known = findImage(state, image.digest);
  if (known !== null) {
    return { kind: "runnable", authors: known.authors, commit: known.commit };
  }
  return (await describe()) ?? { kind: "other", reason: "the registry no longer has it" };
}
