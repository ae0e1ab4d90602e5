import type { ServiceEvent } from "../domain/event.ts";
import type { Service } from "../domain/service.ts";
import type { Ports } from "../ports/ports.ts";
import type { ImageView } from "../ports/registry.ts";
import type { SeenService } from "../ports/store.ts";
import { handleSeen } from "./handle.ts";
import { logLateImage } from "./slow-work.ts";
import { highestRank } from "./highest-rank.ts";
import { foundImage, isFollowed, judgeImage } from "./judge-image.ts";

/** How many changed images a look goes through: one page of the registry's list. */
const LISTED_MAX = 500;

/** How many of them a look offers to a service. */
const OFFERED_MAX = 50;

/** How many become releases in the first look, which finds all there are. */
const FIRST_LOOK_MAX = 10;

/**
 * Looks in the registry for images that were changed since the look before: pushes of which no message came, tags
 * that were put later, tags that an environment follows. The newest is taken first, so that no older one is deployed
 * on the way to it.
 * @returns how many images were found to have changed.
 */
export async function lookForImages(ports: Ports, seen: SeenService): Promise<number> {
  const { service, lookedUpTo, newest } = seen.state;
  const options = { changedAfter: lookedUpTo, limit: LISTED_MAX };
  const images = await ports.registry.listImages(service.image, options);
  const [lastChanged] = images;
  if (lastChanged === undefined) {
    return 0;
  }
  const isFirst = newest === null;
  const chosen = choose(ports, service, [...images, ...(await beyond(ports, service, images))]);
  let latest: SeenService = seen;
  let taken = 0;
  for (const image of chosen) {
    const isPassed = isFirst && taken >= FIRST_LOOK_MAX && !isFollowedImage(service, image);
    const offers = isPassed ? [] : await offersOf(ports, latest, image);
    taken += offers.some(({ kind }) => kind === "image-found") ? 1 : 0;
    latest = await take(ports, latest, { image, offers, isFirst });
  }
  await handleSeen(ports, latest, [{ kind: "registry-looked", upTo: lastChanged.updatedAt }]);
  return images.length;
}

/** Images with the followed tags that a list says nothing of, because it has as many images as it may have. */
async function beyond(
  ports: Ports,
  service: Service,
  listed: readonly ImageView[],
): Promise<readonly ImageView[]> {
  if (listed.length < LISTED_MAX) {
    return [];
  }
  const seen = new Set(listed.flatMap(({ tags }) => tags));
  const followed = service.environments.flatMap(({ deploy }) =>
    deploy.kind === "subscription" && !seen.has(deploy.tag) ? [deploy.tag] : [],
  );
  const found: ImageView[] = [];
  for (const tag of new Set(followed)) {
    const digest = await ports.registry.findTag(service.image, tag);
    const image = digest === null ? null : await ports.registry.getImage(service.image, digest);
    found.push(...(image === null ? [] : [image]));
  }
  return found;
}

/**
 * The images to offer, the newest in the service's own order first, as far as the tags tell it; otherwise the last
 * changed. Those with tags that mean something to the service come before those that are only told of, and what has
 * no tag, such as the parts of an index, is nothing to offer. What an environment follows is always among them.
 */
function choose(
  ports: Ports,
  service: Service,
  images: readonly ImageView[],
): readonly ImageView[] {
  const ranked = images
    .filter(({ tags }) => tags.length > 0)
    .map((image) => ({
      image,
      isMeant: tagsMeant(ports, service, image).length > 0,
      rank: highestRank(ports.tags, service, image.tags) ?? "",
    }))
    .toSorted(
      (one, other) => Number(other.isMeant) - Number(one.isMeant) || compare(other.rank, one.rank),
    )
    .map(({ image }) => image);
  const rest = ranked.slice(OFFERED_MAX).filter((image) => isFollowedImage(service, image));
  return [...ranked.slice(0, OFFERED_MAX), ...rest];
}

function compare(one: string, other: string): number {
  if (one === other) {
    return 0;
  }
  return one < other ? -1 : 1;
}

function isFollowedImage(service: Service, { tags }: ImageView): boolean {
  return tags.some((tag) => isFollowed(service, tag));
}

/** The tags of the image that mean something to the service, those first that an environment follows. */
function tagsMeant(ports: Ports, service: Service, { tags }: ImageView): readonly string[] {
  const followed = tags.filter((tag) => isFollowed(service, tag));
  const others = tags.filter(
    (tag) => !isFollowed(service, tag) && ports.tags.read(service.tags, tag).kind === "accepted",
  );
  return [...followed, ...others];
}

type Offered = {
  readonly image: ImageView;
  readonly offers: readonly ServiceEvent[];
  readonly isFirst: boolean;
};

/** Decides on what an image is offered as, and gives the service as it is then. */
async function take(
  ports: Ports,
  seen: SeenService,
  { image, offers, isFirst }: Offered,
): Promise<SeenService> {
  if (offers.length === 0) {
    return seen;
  }
  const { id } = seen.state.service;
  const { seen: after, isNews } = await handleSeen(ports, seen, offers);
  // The first look finds what was there before Slipway was.
  if (isNews && !isFirst) {
    logLateImage(ports, id, image);
  }
  return after ?? (await ports.store.read(id)) ?? seen;
}

/** The image under every tag that means something to the service; under any of its tags if none does, to say so. */
async function offersOf(
  ports: Ports,
  seen: SeenService,
  image: ImageView,
): Promise<readonly ServiceEvent[]> {
  const { service } = seen.state;
  const meant = tagsMeant(ports, service, image);
  const tags = meant.length === 0 ? image.tags.slice(0, 1) : meant.slice(0, TAGS_OFFERED_MAX);
  const found = foundImage(ports, service.image, image);
  const events: ServiceEvent[] = [];
  for (const tag of tags) {
    const offer = { ...found, tag, at: image.updatedAt, isAnnounced: false, by: "slipway" };
    events.push(await judgeImage(ports, seen, offer));
  }
  return events;
}

/** Under how many of its tags an image is offered at once. */
const TAGS_OFFERED_MAX = 20;
