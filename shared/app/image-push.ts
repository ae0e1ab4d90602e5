import type { Digest } from "../domain/ids.ts";
import { after, minutes } from "../domain/time.ts";
import type { Ports } from "../ports/ports.ts";
import type { ImageView } from "../ports/registry.ts";
import type { SeenService } from "../ports/store.ts";
import { reachEach } from "./each-service.ts";
import { handleSeen } from "./handle.ts";
import { foundImage, judgeImage } from "./judge-image.ts";
import type { Offer } from "./judge-image.ts";
import { decided, ignored } from "./outcome.ts";
import { lookBeforeEntry } from "./running.ts";
import { tellUnasked } from "./tell-unasked.ts";
import type { Outcome } from "./outcome.ts";

/** What the registry's notification says; where it leads is looked up afresh. */
export type ImagePush = {
  readonly action: "INSERT" | "DELETE";
  /** `HOST/PROJECT/REPOSITORY/IMAGE`. */
  readonly repository: string;
  readonly digest: Digest | null;
  readonly tag: string | null;
  /** When it was published: fixed-width RFC 3339 with nanoseconds; null when the message does not say. */
  readonly publishedAt: string | null;
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
    await tellUnasked(ports, { kind: "image-unowned", image: repository, besides: 0 });
    return ignored(`no service has the image ${repository}`);
  }
  const image = await ports.registry.getImage(repository, digest);
  if (image === null) {
    return ignored(`the registry no longer has ${repository}@${digest}`);
  }
  const at = putTime(ports, image, push.publishedAt);
  const found = foundImage(ports, repository, image);
  const offer: Offer = { ...found, tag, at, isAnnounced: true, by: "registry" };
  const told = await reachEach(ports, services, async (seen, own) => offerImage(own, seen, offer));
  return decided(told.join("; "));
}

/** How far the clock of Pub/Sub may be ahead of ours. */
const CLOCK_SKEW_MAX = minutes(1);

/**
 * When the tag was put on the image: when the registry published that. What does not say so, or says that it was
 * published in the future, is taken for when the registry changed the image last.
 */
function putTime(ports: Ports, image: ImageView, publishedAt: string | null): string {
  const latest = new Date(after(ports.clock.now(), CLOCK_SKEW_MAX)).toISOString();
  return publishedAt === null || publishedAt > latest ? image.updatedAt : publishedAt;
}

async function offerImage(ports: Ports, seen: SeenService, offer: Offer): Promise<string> {
  const { service } = seen.state;
  const event = await judgeImage(ports, seen, offer);
  const { digest } = offer.image;
  const isFound = event.kind === "image-found";
  const running = isFound
    ? await lookBeforeEntry(ports, seen.state, { digest, tag: offer.tag })
    : [];
  const { isNews } = await handleSeen(ports, seen, [...running, event]);
  if (event.kind === "image-refused") {
    return `${service.id}: passed over, ${event.reason}`;
  }
  return isNews ? `${service.id}: taken` : `${service.id}: known already`;
}
