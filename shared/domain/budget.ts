import type { Backup } from "./backup.ts";
import type { Promotion } from "./promotion.ts";
import { sizeOf } from "./size.ts";
import type { Release } from "./release.ts";
import type { Service } from "./service.ts";
import { openPromotions } from "./state.ts";
import type { EnvironmentState, ServiceState } from "./state.ts";

/**
 * How large a service's document may become, half of what Firestore takes.
 * Source: https://cloud.google.com/firestore/quotas#limits
 */
export const DOCUMENT_BYTES_MAX = 512 * 1024;

/**
 * Up to which size of the document a further promotion forward is taken. The room above is for what protects: holds,
 * broken glass, rollbacks and cancellations.
 */
export const ORDINARY_BYTES_MAX = 256 * 1024;

/**
 * Up to which size of the document backups are taken. A backup is noted in its promotion and, until it is asked for,
 * in the outbox. A promotion that brings data back, or for which the glass is broken, may take more.
 */
export const BACKUPS_BYTES_MAX = 288 * 1024;
const PROTECTION_BYTES_MAX = 320 * 1024;

/** How much a promotion may still grow by what its gates and steps will say. */
const GROWTH_BYTES_MAX = 4 * 1024;

/** Beyond this size the state keeps less of what the history has anyway. */
export const TRIMMED_BYTES_MAX = 128 * 1024;

/** Beyond this size the state keeps only what decisions rest on. */
const CROWDED_BYTES_MAX = 224 * 1024;

/** How many of each thing are kept. The backups with the data from before what runs come on top. */
type Kept = {
  readonly healthy: number;
  readonly backups: number;
  readonly foreign: number;
  readonly incidents: number;
  readonly tags: number;
  readonly otherTags: number;
  readonly readings: number;
  readonly ignored: number;
  /** Whether it is kept which promotion failed in an environment. */
  readonly isFailureKept: boolean;
};

const TRIMMED_LIMITS: Kept = {
  healthy: 1,
  backups: 5,
  foreign: 3,
  incidents: 10,
  tags: 8,
  otherTags: 4,
  readings: 5,
  ignored: 20,
  isFailureKept: true,
};
const CROWDED_LIMITS: Kept = {
  healthy: 1,
  backups: 1,
  foreign: 1,
  incidents: 3,
  tags: 2,
  otherTags: 0,
  readings: 1,
  ignored: 4,
  isFailureKept: false,
};

/** How much of a service's document its specification may take. */
export const SERVICE_BYTES_MAX = 64 * 1024;

/** Why a specification is too large to be kept; null when it is not. */
export function refuseLarge(service: Service): string | null {
  const size = sizeOf(service);
  const [largest] = service.environments
    .map((environment) => ({ id: environment.id, size: sizeOf(environment) }))
    .toSorted((one, other) => other.size - one.size);
  return size <= SERVICE_BYTES_MAX || largest === undefined
    ? null
    : `the specification takes ${size} bytes, and may take ${SERVICE_BYTES_MAX}. Environment ${largest.id} takes the most: name groups there instead of people, and fewer windows`;
}

/**
 * Whether the document has room for one more promotion, counting how much all open promotions may still grow. Holds do
 * not count, so that nobody keeps promotions away by placing holds. A promotion with broken glass has more room.
 */
export function hasRoomFor(state: ServiceState, promotion: Promotion): boolean {
  const growth = (openPromotions(state).length + 1) * GROWTH_BYTES_MAX;
  const room = promotion.breakGlass === null ? ORDINARY_BYTES_MAX : PROTECTION_BYTES_MAX;
  return sizeWithoutHolds(state) + sizeOf(promotion) + growth <= room;
}

/** Whether the document has room for a promotion's backups: once in the promotion, and once in the outbox. */
export function hasRoomForBackups(
  state: ServiceState,
  { restores }: Promotion,
  backups: readonly Backup[],
): boolean {
  const asked = openPromotions(state).flatMap((open) =>
    open.backups.filter(({ state: how }) => how === "PENDING"),
  );
  const room = restores.length > 0 ? PROTECTION_BYTES_MAX : BACKUPS_BYTES_MAX;
  return sizeWithoutHolds(state) + sizeOf(asked) + 2 * sizeOf(backups) <= room;
}

/** The id of the environment that takes most of a service's document. */
export function largestEnvironment({ environments }: ServiceState): string {
  const sizes = Object.entries(environments).map(([id, known]) => ({ id, size: sizeOf(known) }));
  return sizes.toSorted((one, other) => other.size - one.size)[0]?.id ?? "";
}

function sizeWithoutHolds(state: ServiceState): number {
  const { holds: _own, globalHolds: _everybodys, ...rest } = state;
  return sizeOf(rest);
}

/** The state; when it has become large, with less of what the history has anyway. */
export function trimmed(state: ServiceState): ServiceState {
  if (sizeOf(state) <= TRIMMED_BYTES_MAX) {
    return state;
  }
  const smaller = trim(state, TRIMMED_LIMITS);
  return sizeWithoutHolds(smaller) <= CROWDED_BYTES_MAX ? smaller : trim(smaller, CROWDED_LIMITS);
}

function trim(state: ServiceState, kept: Kept): ServiceState {
  const environments = eachOf(state.environments, (known) => trimEnvironment(known, kept));
  const releases = eachOf(state.releases, (release) => trimRelease(release, kept));
  const ignored = lastOf(state.ignored, kept.ignored);
  const isKept = kept.isFailureKept || Object.keys(state.failed).length === 0;
  return environments === state.environments &&
    releases === state.releases &&
    ignored === state.ignored &&
    isKept
    ? state
    : { ...state, environments, releases, ignored, failed: isKept ? state.failed : {} };
}

/** The record with each value changed; the same record when no value changes. */
function eachOf<Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Readonly<Record<string, Value>> {
  const entries = Object.entries(record).map(([name, value]) => [name, change(value)] as const);
  return entries.every(([name, value]) => record[name] === value)
    ? record
    : Object.fromEntries(entries);
}

/** The first items of a list; the same list when it is short enough. */
function firstOf<Item>(list: readonly Item[], count: number): readonly Item[] {
  return list.length <= count ? list : list.slice(0, count);
}

function lastOf<Item>(list: readonly Item[], count: number): readonly Item[] {
  return list.length <= count ? list : list.slice(-count);
}

function trimRelease(release: Release, kept: Kept): Release {
  const { image } = release;
  const tags = firstOf(image.tags, kept.tags);
  const otherTags = firstOf(image.otherTags, kept.otherTags);
  const provenance = lastOf(image.provenance, kept.readings);
  const isSame =
    tags === image.tags && otherTags === image.otherTags && provenance === image.provenance;
  return isSame ? release : { ...release, image: { ...image, tags, otherTags, provenance } };
}

/** Keeps the newest of each. Of backups the newest set stays whole, and so does every backup that is needed. */
function trimEnvironment(environment: EnvironmentState, kept: Kept): EnvironmentState {
  const { incidents } = environment;
  const needed = neededBackups(environment);
  const healthy = firstOf(environment.healthy, kept.healthy);
  const foreign = firstOf(environment.foreign, kept.foreign);
  const backups = environment.backups.filter(
    ({ id, promotion }, index) =>
      index < kept.backups || needed.has(id) || promotion === environment.backups[0]?.promotion,
  );
  const open = incidents.kind === "read" ? firstOf(incidents.open, kept.incidents) : [];
  const isRead = incidents.kind === "read" && open !== incidents.open;
  return healthy === environment.healthy &&
    foreign === environment.foreign &&
    backups.length === environment.backups.length &&
    !isRead
    ? environment
    : {
        ...environment,
        healthy,
        foreign,
        backups,
        incidents: isRead ? { ...incidents, open } : incidents,
      };
}

/** The backups with the data from before what runs, and the backups of open promotions. */
function neededBackups({ current, active, waiting }: EnvironmentState): ReadonlySet<string> {
  const open = active === null ? waiting : [active, ...waiting];
  return new Set([
    ...(current?.backups ?? []),
    ...open.flatMap(({ backups }) => backups.map(({ id }) => id)),
  ]);
}
