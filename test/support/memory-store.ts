import { inspect } from "node:util";

import { EMPTY_CHAIN, SYSTEM_CHAIN } from "../../shared/domain/audit-record.ts";
import type { AuditRecord } from "../../shared/domain/audit-record.ts";
import { NEW_CONTROL } from "../../shared/domain/control.ts";
import type { Backup } from "../../shared/domain/backup.ts";
import type { SpecText } from "../../shared/domain/changes/kept-specs.ts";
import type { Image } from "../../shared/domain/image.ts";
import { notHeld, withNamed as addNamed } from "../../shared/domain/named.ts";
import type { Sum } from "../../shared/domain/numbers/sum.ts";
import type { Promotion } from "../../shared/domain/promotion.ts";
import type { ReleaseId, ServiceId } from "../../shared/domain/ids.ts";
import type { Release } from "../../shared/domain/release.ts";
import type { Decision } from "../../shared/domain/decision.ts";
import type { TimelineEntry } from "../../shared/domain/timeline.ts";
import { TransientError } from "../../shared/ports/errors.ts";
import type {
  Asked,
  ControlAggregate,
  HistoryWrites,
  ListedService,
  Meeting,
  ServiceAggregate,
  Store,
  Transaction,
} from "../../shared/ports/store.ts";
import type { MemoryCalls } from "./memory-calls.ts";
import { memoryDecisions } from "./memory-decisions.ts";
import { memoryEverywhere } from "./memory-everywhere.ts";
import { memoryHistories, namedIn } from "./memory-histories.ts";
import { readableControl, refuseDamaged } from "./memory-damage.ts";
import { memoryServices, withHolds } from "./memory-services.ts";
import type { VersionOf } from "./memory-services.ts";
import { memorySums } from "./memory-sums.ts";

/** All that the memory store keeps. History maps have `service/id` for keys. */
export type StoreWorld = {
  readonly services: Map<string, ServiceAggregate>;
  /** The services whose document cannot be read, and why. Queries find them all the same. */
  readonly damaged: Map<string, string>;
  control: ControlAggregate;
  /** Why the control document cannot be read, while it cannot. */
  damagedControl: string | null;
  readonly releases: Map<string, Release>;
  readonly images: Map<string, Image>;
  readonly promotions: Map<string, Promotion>;
  readonly timeline: Map<string, TimelineEntry>;
  readonly backups: Map<string, Backup>;
  readonly specs: Map<string, SpecText>;
  readonly decisions: Map<string, Decision>;
  /** By the key of an owner; of all under the empty key, which no owner has. */
  readonly sums: Map<string, Sum>;
  /** By chain, in order. */
  readonly records: Map<string, AuditRecord[]>;
};

/** A store in which nothing has been kept yet. */
export function newStoreWorld(): StoreWorld {
  return {
    services: new Map(),
    damaged: new Map(),
    damagedControl: null,
    control: { state: NEW_CONTROL, chain: { head: EMPTY_CHAIN, published: 0 }, lease: null },
    releases: new Map(),
    images: new Map(),
    promotions: new Map(),
    timeline: new Map(),
    backups: new Map(),
    specs: new Map(),
    decisions: new Map(),
    sums: new Map(),
    records: new Map(),
  };
}

const ATTEMPTS_MAX = 50;

/**
 * The store port in memory. A transaction that finds what it read changed runs again, as in Firestore.
 */
export function memoryStore(world: StoreWorld, calls: MemoryCalls): Store {
  const versionOf = newVersions();
  return {
    ...transactions(world, calls, versionOf),
    ...memoryServices(world, calls, versionOf),
    ...memoryDecisions(world, calls),
    ...memorySums(world, calls),
    ...memoryEverywhere(world, calls),
    ...memoryHistories(world, calls),
  };
}

/** Numbers what is stored in the order in which it is first asked for. */
function newVersions(): VersionOf {
  const versions = new WeakMap<ServiceAggregate, string>();
  let count = 0;
  return (stored) => {
    const known = versions.get(stored);
    if (known !== undefined) {
      return known;
    }
    count += 1;
    versions.set(stored, String(count));
    return String(count);
  };
}

function transactions(
  world: StoreWorld,
  calls: MemoryCalls,
  versionOf: VersionOf,
): Pick<Store, "transact" | "transactAmong" | "commit" | "transactControl"> {
  async function transactOne<Value>(
    service: ServiceId,
    { named, meeting }: Omit<Asked, "meeting"> & { readonly meeting: Meeting | null },
    decide: (
      aggregate: ServiceAggregate | null,
      others: readonly ListedService[],
    ) => Transaction<ServiceAggregate, Value>,
  ): Promise<Value> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      refuseDamaged(world, service);
      const { control } = world;
      const stored = world.services.get(service) ?? null;
      const loaded = stored === null ? null : withNamed(world, withHolds(world, stored), named);
      await calls.turn("store.transact commit");
      const { write, value } = decide(
        loaded,
        meeting === null ? [] : meet(world, service, meeting),
      );
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
  }
  return {
    commit: (seen, { aggregate, history }) =>
      calls.make("store.commit", () => {
        const { id } = seen.state.service;
        refuseDamaged(world, id);
        const stored = world.services.get(id);
        if (stored === undefined || versionOf(stored) !== seen.version) {
          return null;
        }
        const next = toStored(withoutHolds(aggregate));
        world.services.set(id, next);
        writeHistory(world, id, history);
        return { ...aggregate, version: versionOf(next), areHoldsRead: true, isFindable: true };
      }),
    transact: (service, named, decide) =>
      calls.make("store.transact", () => transactOne(service, { named, meeting: null }, decide)),
    transactAmong: (service, asked, decide) =>
      calls.make("store.transact", () => transactOne(service, asked, decide)),
    transactControl: (decide) =>
      calls.make("store.transactControl", async () => {
        for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
          const control = readableControl(world);
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

function withoutHolds({
  state,
  outbox,
  chain,
  lease,
  numbers,
  due,
}: ServiceAggregate): ServiceAggregate {
  const own = { ...state, globalHolds: [], windows: {}, images: {} };
  return { state: own, outbox, chain, lease, numbers, due };
}

function withNamed(
  world: StoreWorld,
  aggregate: ServiceAggregate,
  named: (aggregate: ServiceAggregate) => readonly ReleaseId[],
): ServiceAggregate {
  const { state } = aggregate;
  const found = namedIn(world, state.service.id, notHeld(state, named(aggregate)));
  return { ...aggregate, state: addNamed(state, found) };
}

/** The other services that are where services meet. */
function meet(
  world: StoreWorld,
  own: string,
  { image, projects, pipelines }: Meeting,
): readonly ListedService[] {
  const others = [...world.services.values()].filter(({ state: { service, removedAt } }) => {
    const isThere = service.environments.some(
      ({ project, pipeline }) => projects.includes(project) || pipelines.includes(pipeline.id),
    );
    const isSame = image !== "" && service.image === image;
    return removedAt === null && service.id !== own && (isSame || isThere);
  });
  return others.map((stored) => {
    const service = stored.state.service.id;
    const reason = world.damaged.get(service);
    return reason === undefined
      ? {
          kind: "readable",
          seen: { ...stored, version: "", areHoldsRead: false, isFindable: true },
        }
      : { kind: "unreadable", service, reason, isNewer: false };
  });
}

function writeHistory(world: StoreWorld, owner: string, history: HistoryWrites): void {
  for (const release of history.releases) {
    world.releases.set(`${owner}/${release.id}`, toStored(release));
  }
  for (const image of history.images) {
    world.images.set(`${owner}/${image.id}`, toStored(image));
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
  for (const spec of history.specs) {
    world.specs.set(`${owner}/${spec.place}`, toStored(spec));
  }
  for (const record of history.records) {
    const others = (world.records.get(record.chain) ?? []).filter(({ id }) => id !== record.id);
    const ordered = [...others, toStored(record)].toSorted(
      (one, two) => one.sequence - two.sequence,
    );
    world.records.set(record.chain, ordered);
  }
}

/** What a store keeps is JSON: a value that would not come back the same is a bug of whoever writes it. */
function toStored<Value>(value: Value): Value {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a copy has the type of what is copied
  return copyJson(value) as Value;
}

/** A copy of plain JSON. @throws Error for anything that JSON would leave out or change */
function copyJson(value: unknown): unknown {
  if (typeof value === "string" || typeof value === "boolean" || value === null) {
    return value;
  }
  if (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0)) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(copyJson);
  }
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyJson(part)]));
  }
  throw new Error(`not storable as it is: ${inspect(value)}`);
}
