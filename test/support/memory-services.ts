import { unknownHolds } from "../../shared/domain/hold.ts";
import { ownerKey, PRESENT, searchKeysOf } from "../../shared/domain/search-keys.ts";
import { isInFlight as isStateInFlight } from "../../shared/domain/state.ts";
import type {
  Aggregates,
  ListedService,
  SeenService,
  ServiceAggregate,
} from "../../shared/ports/store.ts";
import type { MemoryCalls } from "./memory-calls.ts";
import { readableControl, refuseDamaged } from "./memory-damage.ts";
import { memoryPage } from "./memory-page.ts";
import type { StoreWorld } from "./memory-store.ts";

/** The version of what is stored, by which it is known to be the same. */
export type VersionOf = (stored: ServiceAggregate) => string;

/** The services of the memory store as they are. */
export function memoryServices(
  world: StoreWorld,
  calls: MemoryCalls,
  versionOf: VersionOf,
): Aggregates {
  function see(stored: ServiceAggregate): SeenService {
    const version = versionOf(stored);
    return { ...withHolds(world, stored), version, areHoldsRead: true, isFindable: true };
  }
  function list(stored: ServiceAggregate): ListedService {
    const service = stored.state.service.id;
    const reason = world.damaged.get(service);
    return reason === undefined
      ? { kind: "readable", seen: see(stored) }
      : { kind: "unreadable", service, reason, isNewer: false };
  }
  function having(has: (aggregate: ServiceAggregate) => boolean): readonly ListedService[] {
    return [...world.services.values()]
      .filter(has)
      .toSorted((one, other) => (one.state.service.id < other.state.service.id ? -1 : 1))
      .map(list);
  }
  /** The same of what was not removed. */
  function present(has: (aggregate: ServiceAggregate) => boolean): readonly ListedService[] {
    return having((aggregate) => aggregate.state.removedAt === null && has(aggregate));
  }
  return {
    read: (service) =>
      calls.make("store.read", () => {
        refuseDamaged(world, service);
        const stored = world.services.get(service);
        return stored === undefined ? null : see(stored);
      }),
    readControl: () => calls.make("store.readControl", () => readableControl(world)),
    findByImage: (repository) =>
      calls.make("store.findByImage", () =>
        present(({ state }) => state.service.image === repository).map(withHoldsUnread),
      ),
    findByPipeline: (pipeline) =>
      calls.make("store.findByPipeline", () =>
        present(({ state }) =>
          state.service.environments.some((environment) => environment.pipeline.id === pipeline),
        ),
      ),
    findByProject: (project) =>
      calls.make("store.findByProject", () =>
        present(({ state }) =>
          state.service.environments.some((environment) => environment.project === project),
        ),
      ),
    listServices: ({ inFlight, having: keys = [], ...request }) =>
      calls.make("store.listServices", () => {
        const items = having(
          (aggregate) => (!inFlight || isInFlight(aggregate)) && hasKeys(aggregate, keys),
        );
        return memoryPage({ list: `services ${inFlight}`, items, keyOf: idOf, request });
      }),
    countServices: (owner) =>
      calls.make("store.countServices", () => {
        const keys = [PRESENT, ...(owner === null ? [] : [ownerKey(owner)])];
        return having((aggregate) => hasKeys(aggregate, keys)).length;
      }),
    listHeld: () =>
      calls.make("store.listHeld", () => present(({ state }) => state.holds.length > 0)),
  };
}

function hasKeys({ state }: ServiceAggregate, keys: readonly string[]): boolean {
  const own = new Set(searchKeysOf(state));
  return keys.every((key) => own.has(key));
}

function idOf(found: ListedService): string {
  return found.kind === "readable" ? found.seen.state.service.id : found.service;
}

function isInFlight({ state, outbox, chain, due }: ServiceAggregate): boolean {
  const isPublished = chain.published === chain.head.sequence;
  return isStateInFlight(state) || outbox.length > 0 || !isPublished || due.length > 0;
}

/** As Firestore's store gives what a push looks for. */
function withHoldsUnread(listed: ListedService): ListedService {
  if (listed.kind === "unreadable") {
    return listed;
  }
  const state = { ...listed.seen.state, globalHolds: [] };
  return { kind: "readable", seen: { ...listed.seen, state, areHoldsRead: false } };
}

/** A service with the holds on everything. */
export function withHolds(world: StoreWorld, aggregate: ServiceAggregate): ServiceAggregate {
  const { damagedControl, control } = world;
  const globalHolds = damagedControl === null ? control.state.holds : unknownHolds(damagedControl);
  return { ...aggregate, state: { ...aggregate.state, globalHolds } };
}
