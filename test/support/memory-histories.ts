import type { Histories } from "../../shared/ports/store.ts";
import type { MemoryCalls } from "./memory-calls.ts";
import { memoryPage } from "./memory-page.ts";
import type { StoreWorld } from "./memory-store.ts";

/** The histories of the memory store. */
export function memoryHistories(world: StoreWorld, calls: MemoryCalls): Histories {
  return {
    release: (service, id) =>
      calls.make("store.release", () => world.releases.get(`${service}/${id}`) ?? null),
    releases: (service, request) =>
      calls.make("store.releases", () => {
        const items = newestFirst(under(world.releases, service), ({ order }) => order);
        return memoryPage({ list: `releases ${service}`, items, keyOf: ({ id }) => id, request });
      }),
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
    records: (chain, after, limit) =>
      calls.make("store.records", () =>
        (world.records.get(chain) ?? []).filter(({ sequence }) => sequence > after).slice(0, limit),
      ),
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
