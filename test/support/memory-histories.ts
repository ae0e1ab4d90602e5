import { hasTag } from "../../shared/domain/image.ts";
import { imageIdOf } from "../../shared/domain/ids.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import type { Named } from "../../shared/domain/named.ts";
import type { Release } from "../../shared/domain/release.ts";
import { FOUND_BY_NAME_MAX } from "../../shared/ports/store.ts";
import type { Histories } from "../../shared/ports/store.ts";
import type { MemoryCalls } from "./memory-calls.ts";
import { memoryPage } from "./memory-page.ts";
import type { StoreWorld } from "./memory-store.ts";

/** The histories of the memory store. */
export function memoryHistories(world: StoreWorld, calls: MemoryCalls): Histories {
  return {
    ...memoryReleases(world, calls),
    promotion: (id) =>
      calls.make(
        "store.promotion",
        () => [...world.promotions.values()].find((promotion) => promotion.id === id) ?? null,
      ),
    promotions: (service, request) =>
      calls.make("store.promotions", () => {
        const items = newestFirst(under(world.promotions, service), ({ createdAt }) => createdAt);
        return memoryPage({ list: `promotions ${service}`, items, keyOf: ({ id }) => id, request });
      }),
    timeline: (service, request) =>
      calls.make("store.timeline", () => {
        const items = newestFirst(
          under(world.timeline, service),
          ({ deployment }) => deployment.since,
        );
        return memoryPage({ list: `timeline ${service}`, items, keyOf: ({ id }) => id, request });
      }),
    backup: (service, id) =>
      calls.make("store.backup", () => world.backups.get(`${service}/${id}`) ?? null),
    backups: (service, request) =>
      calls.make("store.backups", () => {
        const items = newestFirst(under(world.backups, service), ({ startedAt }) => startedAt);
        return memoryPage({ list: `backups ${service}`, items, keyOf: ({ id }) => id, request });
      }),
    specs: (service, places) =>
      calls.make("store.specs", () =>
        under(world.specs, service).filter(({ place }) => places.includes(place)),
      ),
    records: (chain, after, limit) =>
      calls.make("store.records", () =>
        (world.records.get(chain) ?? []).filter(({ sequence }) => sequence > after).slice(0, limit),
      ),
  };
}

type Releases = Pick<
  Histories,
  "release" | "named" | "imagesTagged" | "releasesFrom" | "releases" | "releasesBetween"
>;

function memoryReleases(world: StoreWorld, calls: MemoryCalls): Releases {
  return {
    release: (service, id) =>
      calls.make("store.release", () => namedIn(world, service, [id]).releases[0] ?? null),
    named: (service, ids) => calls.make("store.named", () => namedIn(world, service, ids)),
    releasesBetween: (service, { after, upTo, limit }) =>
      calls.make("store.releasesBetween", () =>
        newestFirst(releasesIn(world, service), ({ order }) => order)
          .filter(({ order }) => order > after && order <= upTo)
          .slice(0, limit),
      ),
    imagesTagged: (service, tag) =>
      calls.make("store.imagesTagged", () =>
        under(world.images, service)
          .filter((image) => hasTag(image, tag))
          .slice(0, FOUND_BY_NAME_MAX),
      ),
    releasesFrom: (service, prefix) =>
      calls.make("store.releasesFrom", () =>
        releasesIn(world, service)
          .filter(({ id }) => id.startsWith(prefix))
          .toSorted((one, other) => (one.id < other.id ? -1 : 1))
          .slice(0, FOUND_BY_NAME_MAX),
      ),
    releases: (service, request) =>
      calls.make("store.releases", () => {
        const items = newestFirst(releasesIn(world, service), ({ order }) => order);
        return memoryPage({ list: `releases ${service}`, items, keyOf: ({ id }) => id, request });
      }),
  };
}

function releasesIn(world: StoreWorld, service: string): readonly Release[] {
  return under(world.releases, service).map((release) => {
    const image = world.images.get(`${service}/${release.image.id}`) ?? release.image;
    return Object.assign({}, release, { image });
  });
}

/** The releases of those ids that the history has, and what it knows of their images. */
export function namedIn(world: StoreWorld, service: string, ids: readonly ReleaseId[]): Named {
  const wanted = new Set<string>(ids);
  const imageIds = new Set(ids.map(imageIdOf));
  return {
    releases: releasesIn(world, service).filter(({ id }) => wanted.has(id)),
    images: under(world.images, service).filter(({ id }) => imageIds.has(id)),
  };
}

function under<Value>(history: ReadonlyMap<string, Value>, owner: string): readonly Value[] {
  return [...history].filter(([key]) => key.startsWith(`${owner}/`)).map(([, value]) => value);
}

/** The items by a place among them, the greatest first; equal places by id, the greatest first. */
function newestFirst<Item extends { readonly id: string }>(
  items: readonly Item[],
  placeOf: (item: Item) => string | number,
): readonly Item[] {
  return items.toSorted((one, other) => {
    if (placeOf(one) === placeOf(other)) {
      return one.id < other.id ? 1 : -1;
    }
    return placeOf(one) < placeOf(other) ? 1 : -1;
  });
}
