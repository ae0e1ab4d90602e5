import type { ServiceEvent } from "../domain/event.ts";
import type { Ports } from "../ports/ports.ts";
import type { ImageView } from "../ports/registry.ts";
import type { SeenService } from "../ports/store.ts";
import { handleSeen } from "./handle.ts";
import { logLateImage } from "./slow-work.ts";
import { highestRank } from "./highest-rank.ts";
import { foundImage, isFollowed, judgeImage } from "./judge-image.ts";

/** How many changed images a look takes up for one service, and how many the first look, which finds all there are. */
const CATCH_UP_MAX = 50;
const FIRST_LOOK_MAX = 10;

/**
 * Looks in the registry for images that were changed since the look before: pushes of which no message came, tags
 * that were put later, tags that an environment follows. The newest is taken first, so that no older one is deployed
 * on the way to it.
 * @returns how many images were offered.
 */
export async function lookForImages(ports: Ports, seen: SeenService): Promise<number> {
  const { service, lookedUpTo, newest } = seen.state;
  const limit = newest === null ? FIRST_LOOK_MAX : CATCH_UP_MAX;
  const options = { changedAfter: lookedUpTo, limit };
  const images = await ports.registry.listImages(service.image, options);
  const [lastChanged] = images;
  if (lastChanged === undefined) {
    return 0;
  }
  let latest: SeenService = seen;
  for (const image of newestFirst(ports, seen, images)) {
    const offers = await offersOf(ports, latest, image);
    const { seen: after, isNews } = await handleSeen(ports, latest, offers);
    // The first look finds what was there before Slipway was.
    if (isNews && newest !== null) {
      logLateImage(ports, service.id, image);
    }
    latest = after ?? (await ports.store.read(service.id)) ?? latest;
  }
  await handleSeen(ports, latest, [{ kind: "registry-looked", upTo: lastChanged.updatedAt }]);
  return images.length;
}

/** In the service's own order, as far as the tags tell it; otherwise the last changed first, as they are listed. */
function newestFirst(
  ports: Ports,
  { state }: SeenService,
  images: readonly ImageView[],
): readonly ImageView[] {
  const ranked = images.map((image) => ({
    image,
    rank: highestRank(ports.tags, state.service, image.tags) ?? "",
  }));
  return ranked.toSorted((one, other) => compare(other.rank, one.rank)).map(({ image }) => image);
}

function compare(one: string, other: string): number {
  if (one === other) {
    return 0;
  }
  return one < other ? -1 : 1;
}

/** The image under every tag that means something to the service; under any of its tags if none does, to say so. */
async function offersOf(
  ports: Ports,
  seen: SeenService,
  image: ImageView,
): Promise<readonly ServiceEvent[]> {
  const { service } = seen.state;
  const meant = image.tags.filter(
    (tag) => ports.tags.read(service.tags, tag).kind === "accepted" || isFollowed(service, tag),
  );
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
