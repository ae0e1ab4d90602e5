import type { ServiceEvent } from "../domain/event.ts";
import type { Digest } from "../domain/ids.ts";
import type { ImageDescription } from "../domain/image.ts";
import type { Actor, Candidate } from "../domain/release.ts";
import { accepted, refused } from "../domain/result.ts";
import type { Result } from "../domain/result.ts";
import type { Service } from "../domain/service.ts";
import type { Ports } from "../ports/ports.ts";
import type { ImageView } from "../ports/registry.ts";
import type { SeenService } from "../ports/store.ts";
import { reachEach } from "./each-service.ts";
import { handleSeen } from "./handle.ts";
import type { Handled } from "./handle.ts";
import { handleControl } from "./handle-control.ts";
import { decided, ignored } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";

/** What the registry's notification says; where it leads is looked up afresh. */
export type ImagePush = {
  readonly action: "INSERT" | "DELETE";
  /** `HOST/PROJECT/REPOSITORY/IMAGE`. */
  readonly repository: string;
  readonly digest: Digest | null;
  readonly tag: string | null;
};

/** An image was pushed, tagged or deleted: every service that has it decides what it means. */
export async function onImagePush(ports: Ports, push: ImagePush): Promise<Outcome> {
  const { repository, digest, tag } = push;
  if (push.action === "DELETE") {
    return ignored("an image or tag was deleted; what runs stays");
  }
  if (digest === null || tag === null) {
    return ignored("pushed without a tag, as the parts of an index are");
  }
  const services = await ports.store.findByImage(repository);
  if (services.length === 0) {
    await handleControl(ports, { kind: "image-unowned", image: repository });
    return ignored(`no service has the image ${repository}`);
  }
  const image = await ports.registry.getImage(repository, digest);
  if (image === null) {
    return ignored(`the registry no longer has ${repository}@${digest}`);
  }
  const told = await reachEach(ports, services, async (seen) =>
    offerImage(ports, seen, { image, tag, by: "registry" }),
  );
  return decided(told.join("; "));
}

type Offer = { readonly image: ImageView; readonly tag: string; readonly by: Actor };

async function offerImage(ports: Ports, seen: SeenService, offer: Offer): Promise<string> {
  const { service } = seen.state;
  const event = await judgeImage(ports, service, offer);
  if (event === null) {
    return `${service.id}: passed over, the tag has moved on`;
  }
  const { isNews } = await handleSeen(ports, seen, [event]);
  if (!isNews) {
    return `${service.id}: known already`;
  }
  return event.kind === "image-refused"
    ? `${service.id}: passed over, ${event.reason}`
    : `${service.id}: taken`;
}

type ImageEvent = Extract<ServiceEvent, { kind: "image-found" | "image-refused" }>;

/** What an image means to a service by its tags as they are now; null when the named tag has moved away. */
async function judgeImage(
  ports: Ports,
  service: Service,
  offer: Offer,
): Promise<ImageEvent | null> {
  const { image, tag, by } = offer;
  if (!image.tags.includes(tag)) {
    return null;
  }
  const { digest } = image;
  const reading = ports.tags.read(service.tags, tag);
  const isFollowed = service.environments.some(
    ({ deploy }) => deploy.kind === "subscription" && deploy.tag === tag,
  );
  if (reading.kind === "refused" && !isFollowed) {
    return { kind: "image-refused", digest, tag, reason: reading.reason };
  }
  const description = await inspect(ports, service, image);
  if (description.kind === "other") {
    return { kind: "image-refused", digest, tag, reason: description.reason };
  }
  const commit = reading.kind === "accepted" ? reading.commit : null;
  return { kind: "image-found", candidate: toCandidate({ image, tag, commit }, description), by };
}

/** What the registry's image is. One that went in this moment is nothing that can run. */
async function inspect(
  ports: Ports,
  service: Service,
  { digest }: ImageView,
): Promise<ImageDescription> {
  const description = await ports.registry.inspect(service.image, digest);
  return description ?? { kind: "other", reason: "the registry no longer has it" };
}

function toCandidate(
  found: { readonly image: ImageView; readonly tag: string | null; readonly commit: string | null },
  { authors, commit }: Runnable,
): Candidate {
  const { digest, uploadedAt: order } = found.image;
  const [author = null] = authors;
  return { digest, tag: found.tag, commit: found.commit ?? commit, author, order };
}

type Runnable = Extract<ImageDescription, { kind: "runnable" }>;

/**
 * Takes an image that somebody names: the release is made whatever its tag says. What is no image that can
 * run is refused with the reason.
 */
export async function takeImage(
  ports: Ports,
  seen: SeenService,
  offer: { readonly image: ImageView; readonly tag: string | null; readonly by: Actor },
): Promise<Result<Handled, string>> {
  const { service } = seen.state;
  const { image, tag, by } = offer;
  const description = await inspect(ports, service, image);
  if (description.kind === "other") {
    return refused(description.reason);
  }
  const reading = tag === null ? null : ports.tags.read(service.tags, tag);
  const commit = reading?.kind === "accepted" ? reading.commit : null;
  const candidate = toCandidate({ image, tag, commit }, description);
  const event: ImageEvent = { kind: "image-found", candidate, by };
  return accepted(await handleSeen(ports, seen, [event]));
}

/** How many images the hourly look takes up for one service. */
const CATCH_UP_MAX = 50;

/** Looks in the registry for pushes of which no message came, oldest first. */
export async function catchUp(ports: Ports, seen: SeenService): Promise<number> {
  const { service, newest, releases } = seen.state;
  const known = newest === null ? null : (releases[newest]?.order.split(" ", 1).join("") ?? null);
  const options = { newerThan: known, limit: CATCH_UP_MAX };
  const images = await ports.registry.listImages(service.image, options);
  let count = 0;
  for (const image of images.toReversed()) {
    const tag = image.tags.find((name) => ports.tags.read(service.tags, name).kind === "accepted");
    if (tag !== undefined) {
      await offerImage(ports, seen, { image, tag, by: "slipway" });
      count += 1;
    }
  }
  return count;
}
