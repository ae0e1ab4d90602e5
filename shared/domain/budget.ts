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
 * Up to what size a further promotion forward is parked. What is left above it is for what protects: holds,
 * broken gates, rollbacks and cancellations.
 */
export const ORDINARY_BYTES_MAX = 256 * 1024;

/** How much a promotion that waits may still grow by what its gates and steps will say. */
const GROWTH_BYTES_MAX = 4 * 1024;

/** Beyond this size the state keeps less of what the history has too. */
export const TRIMMED_BYTES_MAX = 128 * 1024;

/** How many deployments to go back to, and how many backups, an environment keeps when there is little room. */
const HEALTHY_KEPT_MAX = 1;
const BACKUPS_KEPT_MAX = 5;

/** How many tags of an image are remembered then. */
const TAGS_KEPT_MAX = 8;

/** How much of it a specification may take. */
export const SERVICE_BYTES_MAX = 64 * 1024;

/** Why a specification is too large to be kept; null when it is not. */
export function refuseLarge(service: Service): string | null {
  const size = sizeOf(service);
  const [largest] = service.environments
    .map((environment) => ({ id: environment.id, size: sizeOf(environment) }))
    .toSorted((one, other) => other.size - one.size);
  return size <= SERVICE_BYTES_MAX || largest === undefined
    ? null
    : `the specification takes ${size} bytes, of at most ${SERVICE_BYTES_MAX}; most of them environment ${largest.id}: name groups instead of people, and fewer windows`;
}

/**
 * Whether there is room for a promotion beside what is there, with what it and the others may still say. Holds have
 * room of their own: nobody keeps promotions away by placing some.
 */
export function hasRoomFor(state: ServiceState, promotion: Promotion): boolean {
  const growth = (openPromotions(state).length + 1) * GROWTH_BYTES_MAX;
  const { holds: _own, globalHolds: _everybodys, ...rest } = state;
  return sizeOf(rest) + sizeOf(promotion) + growth <= ORDINARY_BYTES_MAX;
}

/** The state, with less of what the history has too when it has become large. */
export function trimmed(state: ServiceState): ServiceState {
  if (sizeOf(state) <= TRIMMED_BYTES_MAX) {
    return state;
  }
  const environments = eachOf(state.environments, trimEnvironment);
  const releases = eachOf(state.releases, trimRelease);
  return environments === state.environments && releases === state.releases
    ? state
    : { ...state, environments, releases };
}

/** The same record where nothing of it changes. */
function eachOf<Value>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Value,
): Readonly<Record<string, Value>> {
  const entries = Object.entries(record).map(([name, value]) => [name, change(value)] as const);
  return entries.every(([name, value]) => record[name] === value)
    ? record
    : Object.fromEntries(entries);
}

function trimRelease(release: Release): Release {
  const { image } = release;
  return image.tags.length <= TAGS_KEPT_MAX
    ? release
    : { ...release, image: { ...image, tags: image.tags.slice(0, TAGS_KEPT_MAX) } };
}

/** The newest stay, and the backups with the data from before what runs. */
function trimEnvironment(environment: EnvironmentState): EnvironmentState {
  const { healthy, backups, current } = environment;
  const needed = new Set(current?.backups);
  const kept = backups.filter(({ id }, index) => index < BACKUPS_KEPT_MAX || needed.has(id));
  return healthy.length <= HEALTHY_KEPT_MAX && kept.length === backups.length
    ? environment
    : { ...environment, healthy: healthy.slice(0, HEALTHY_KEPT_MAX), backups: kept };
}
