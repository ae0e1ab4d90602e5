import { isDeepStrictEqual } from "node:util";

import { EMPTY_CHAIN, SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { NEW_CONTROL } from "../../shared/domain/control.ts";
import type { Backup } from "../../shared/domain/backup.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { ReleaseId } from "../../shared/domain/ids.ts";
import type { Release } from "../../shared/domain/release.ts";
import { isInFlight as isStateInFlight } from "../../shared/domain/state.ts";
import type { TimelineEntry } from "../../shared/domain/timeline.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import type {
  ControlAggregate,
  HistoryWrites,
  ServiceAggregate,
  Store,
} from "../../shared/ports/store.ts";
import type { MemoryCalls } from "./memory-calls.ts";
import { memoryPage } from "./memory-page.ts";

/** All that the memory store keeps. History maps have `service/id` for keys. */
export type StoreWorld = {
  readonly services: Map<string, ServiceAggregate>;
  control: ControlAggregate;
  readonly releases: Map<string, Release>;
  readonly promotions: Map<string, Promotion>;
  readonly timeline: Map<string, TimelineEntry>;
  readonly backups: Map<string, Backup>;
  /** By chain, in order. */
  readonly records: Map<string, AuditRecord[]>;
};

/** A store in which nothing has been kept yet. */
export function newStoreWorld(): StoreWorld {
  return {
    services: new Map(),
    control: { state: NEW_CONTROL, chain: { head: EMPTY_CHAIN, published: 0 }, lease: null },
    releases: new Map(),
    promotions: new Map(),
    timeline: new Map(),
    backups: new Map(),
    records: new Map(),
  };
}

const ATTEMPTS_MAX = 50;

/**
 * The store port in memory. A transaction that finds what it read changed runs again, as in Firestore.
 */
export function memoryStore(world: StoreWorld, calls: MemoryCalls): Store {
  return { ...transactions(world, calls), ...aggregates(world, calls), ...histories(world, calls) };
}

function transactions(
  world: StoreWorld,
  calls: MemoryCalls,
): Pick<Store, "transact" | "transactControl"> {
  return {
    transact: (service, named, decide) =>
      calls.make("store.transact", async () => {
        for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
          const { control } = world;
          const stored = world.services.get(service) ?? null;
          const loaded = stored === null ? null : withNamed(world, withHolds(world, stored), named);
          await calls.turn("store.transact commit");
          const { write, value } = decide(loaded);
          const isFresh = (world.services.get(service) ?? null) === stored;
          if (isFresh && world.control === control) {
            if (write !== null) {
              world.services.set(service, toStored(withoutHolds(write.aggregate)));
              writeHistory(world, service, write.history);
            }
            return value;
          }
        }
        throw new TransientError("ABORTED", `too much contention on services/${service}`);
      }),
    transactControl: (decide) =>
      calls.make("store.transactControl", async () => {
        for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
          const { control } = world;
          await calls.turn("store.transactControl commit");
          const { write, value } = decide(control);
          if (world.control === control) {
            if (write !== null) {
              world.control = toStored(write.aggregate);
              writeHistory(world, SYSTEM_CHAIN, write.history);
            }
            return value;
          }
        }
        throw new TransientError("ABORTED", "too much contention on control/slipway");
      }),
  };
}

function aggregates(
  world: StoreWorld,
  calls: MemoryCalls,
): Pick<
  Store,
  | "read"
  | "readControl"
  | "findByImage"
  | "findByPipeline"
  | "findByProject"
  | "listServices"
  | "listHeld"
> {
  function having(has: (aggregate: ServiceAggregate) => boolean): readonly ServiceAggregate[] {
    return [...world.services.values()]
      .filter(has)
      .toSorted((one, other) => (one.state.service.id < other.state.service.id ? -1 : 1))
      .map((aggregate) => withHolds(world, aggregate));
  }
  return {
    read: (service) =>
      calls.make("store.read", () => {
        const stored = world.services.get(service);
        return stored === undefined ? null : withHolds(world, stored);
      }),
    readControl: () => calls.make("store.readControl", () => world.control),
    findByImage: (repository) =>
      calls.make("store.findByImage", () =>
        having(({ state }) => state.service.image === repository),
      ),
    findByPipeline: (pipeline) =>
      calls.make("store.findByPipeline", () =>
        having(({ state }) =>
          state.service.environments.some((environment) => environment.pipeline.id === pipeline),
        ),
      ),
    findByProject: (project) =>
      calls.make("store.findByProject", () =>
        having(({ state }) =>
          state.service.environments.some((environment) => environment.project === project),
        ),
      ),
    listServices: ({ inFlight, ...request }) =>
      calls.make("store.listServices", () => {
        const items = having((aggregate) => !inFlight || isInFlight(aggregate));
        return memoryPage({ list: `services ${inFlight}`, items, keyOf: idOf, request });
      }),
    listHeld: () =>
      calls.make("store.listHeld", () => having(({ state }) => state.holds.length > 0)),
  };
}

function histories(
  world: StoreWorld,
  calls: MemoryCalls,
): Pick<
  Store,
  "release" | "releases" | "promotion" | "promotions" | "timeline" | "backups" | "records"
> {
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

function idOf({ state }: ServiceAggregate): string {
  return state.service.id;
}

function isInFlight({ state, outbox, chain }: ServiceAggregate): boolean {
  const isPublished = chain.published === chain.head.sequence;
  return isStateInFlight(state) || outbox.length > 0 || !isPublished;
}

function withHolds(world: StoreWorld, aggregate: ServiceAggregate): ServiceAggregate {
  const globalHolds = world.control.state.holds;
  return { ...aggregate, state: { ...aggregate.state, globalHolds } };
}

function withoutHolds(aggregate: ServiceAggregate): ServiceAggregate {
  return { ...aggregate, state: { ...aggregate.state, globalHolds: [], windows: {} } };
}

function withNamed(
  world: StoreWorld,
  aggregate: ServiceAggregate,
  named: (aggregate: ServiceAggregate) => ReleaseId | null,
): ServiceAggregate {
  const { state } = aggregate;
  const id = named(aggregate);
  const release = id === null ? undefined : world.releases.get(`${state.service.id}/${id}`);
  if (release === undefined || state.releases[release.id] !== undefined) {
    return aggregate;
  }
  const releases = { ...state.releases, [release.id]: release };
  return { ...aggregate, state: { ...state, releases } };
}

function writeHistory(world: StoreWorld, owner: string, history: HistoryWrites): void {
  for (const release of history.releases) {
    world.releases.set(`${owner}/${release.id}`, toStored(release));
  }
  for (const promotion of history.promotions) {
    world.promotions.set(`${owner}/${promotion.id}`, toStored(promotion));
  }
  for (const entry of history.timeline) {
    world.timeline.set(`${owner}/${entry.id}`, toStored(entry));
  }
  for (const backup of history.backups) {
    world.backups.set(`${owner}/${backup.id}`, toStored(backup));
  }
  for (const record of history.records) {
    const others = (world.records.get(record.chain) ?? []).filter(({ id }) => id !== record.id);
    const ordered = [...others, toStored(record)].toSorted(
      (one, two) => one.sequence - two.sequence,
    );
    world.records.set(record.chain, ordered);
  }
}

/** What a store keeps is JSON: a value that does not come back the same is a bug of whoever writes it. */
function toStored<Value>(value: Value): Value {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  if (!isDeepStrictEqual(copy, value)) {
    throw new Error(`not storable as it is: ${JSON.stringify(value)}`);
  }
  return structuredClone(value);
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
