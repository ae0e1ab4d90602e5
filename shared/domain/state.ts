import { assert } from "./assert.ts";
import type { Backup } from "./backup.ts";
import type { KeptSpec } from "./changes/kept-specs.ts";
import type { Hold } from "./hold.ts";
import { imageId } from "./ids.ts";
import type { Digest, EnvironmentId, PromotionId, ReleaseId } from "./ids.ts";
import type { Image } from "./image.ts";
import type { FailedPromotion } from "./failed-promotion.ts";
import type { IncidentReading } from "./incident.ts";
import type { ExecutionView } from "./job.ts";
import type { TroubledChannel } from "./notices/troubled.ts";
import type { WindowReading } from "./policy.ts";
import type { Promotion, PromotionKind } from "./promotion.ts";
import type { Release } from "./release.ts";
import { isUnderWay } from "./rollout.ts";
import type { ForeignRollout } from "./rollout.ts";
import type { Environment, Service } from "./service.ts";
import type { Paces } from "./steps/pace.ts";
import type { Instant } from "./time.ts";
import { entryOf } from "./entry-of.ts";

/** A release in an environment since a moment. */
export type Deployment = {
  readonly release: ReleaseId;
  readonly promotion: PromotionId;
  readonly image: string;
  readonly tag: string | null;
  readonly kind: PromotionKind;
  readonly since: Instant;
  /**
   * Since when this release runs without a break. Drift is a break; a second deployment of the same release is none.
   */
  readonly steadySince: Instant;
  /** The ids of the backups with the data from before this deployment: its own, or backups that served instead. */
  readonly backups: readonly string[];
};

/** What runs differs from what is recorded. */
export type Drift = {
  readonly running: string;
  readonly since: Instant;
  /** Who or what brought the running image there, where that is known. */
  readonly by: string | null;
};

/** An irreversible migration that the data has been through: a rollback behind it must take the data back as well. */
export type RollbackFloor = {
  /** The release whose migration cannot be undone, and its place among releases. */
  readonly release: ReleaseId;
  readonly order: string;
  readonly since: Instant;
  /** The backups taken before that release was deployed. */
  readonly backups: readonly Backup[];
};

/** A migration that follows a deployment once somebody starts it. */
export type PendingContract = {
  readonly promotion: PromotionId;
  readonly release: ReleaseId;
  readonly job: string;
  readonly reversible: boolean;
  /** Null until it was started. */
  readonly execution: ExecutionView | null;
  readonly startedBy: string | null;
};

/** What is known of one environment. */
export type EnvironmentState = {
  /** How many promotions were ever made here; numbers the next one. */
  readonly promotionCount: number;
  /** The one promotion that runs. */
  readonly active: Promotion | null;
  /** Promotions parked behind closed gates, in the order in which they will be tried. */
  readonly waiting: readonly Promotion[];
  readonly current: Deployment | null;
  /** The deployments before the current one that had proved themselves, newest first. */
  readonly healthy: readonly Deployment[];
  readonly drift: Drift | null;
  /** The foreign rollouts here, the last seen first. */
  readonly foreign: readonly ForeignRollout[];
  readonly incidents: IncidentReading;
  readonly floor: RollbackFloor | null;
  readonly contract: PendingContract | null;
  /** Since when the present rule for approvals holds: earlier approvals do not count. Null: it never changed. */
  readonly approvedSince: Instant | null;
  /** When a restore last changed the data; null when none ever did. */
  readonly restoredAt: Instant | null;
  /** The newest finished backups, newest first. */
  readonly backups: readonly Backup[];
  /** How long each step took lately. */
  readonly paces: Paces;
};

/** A push that changed nothing, and why. */
export type IgnoredImage = {
  readonly digest: string;
  /** Null for an image named by its digest. */
  readonly tag: string | null;
  readonly reason: string;
  readonly at: Instant;
};

/** Everything about one service that a decision rests on. Small, whatever its history. */
export type ServiceState = {
  readonly service: Service;
  /** When the specification was applied last; null before the first time. */
  readonly appliedAt: Instant | null;
  /** When the service was removed; null while it is delivered. */
  readonly removedAt: Instant | null;
  /** The revisions whose texts the history keeps, the newest last. */
  readonly specs: readonly KeptSpec[];
  readonly environments: Readonly<Record<string, EnvironmentState>>;
  /** The promotion that failed last, by environment; only where nothing was deployed since. */
  readonly failed: Readonly<Record<string, FailedPromotion>>;
  /** The releases that something here refers to; the others are in the history only. */
  readonly releases: Readonly<Record<string, Release>>;
  /** The release that is newer than all others. */
  readonly newest: ReleaseId | null;
  /** What is known of images that an event names and no release in the state is of: read from the history, not kept. */
  readonly images: Readonly<Record<string, Image>>;
  /** Up to which moment of the registry's own the hourly look has seen every image; null before the first look. */
  readonly lookedUpTo: string | null;
  readonly holds: readonly Hold[];
  /** Holds on everything: kept elsewhere, read in the same transaction. */
  readonly globalHolds: readonly Hold[];
  /** Whether windows are open, by environment: read from the calendar when the state is loaded, not kept. */
  readonly windows: Readonly<Record<string, WindowReading>>;
  /** Pushes that changed nothing lately, the newest last: a repeat says nothing, and `explain` shows them. */
  readonly ignored: readonly IgnoredImage[];
  /** The channels that take no notices, as far as that was recorded. */
  readonly troubled: readonly TroubledChannel[];
};

/** How many healthy deployments are remembered, to roll back to. */
export const HEALTHY_MAX = 5;

/** How many foreign rollouts are remembered for an environment. */
export const FOREIGN_MAX = 5;

/** How many finished backups the state keeps; the history has them all. */
export const BACKUPS_MAX = 20;

/** How many pushes that changed nothing are remembered. */
export const IGNORED_MAX = 50;

const EMPTY: EnvironmentState = {
  promotionCount: 0,
  active: null,
  waiting: [],
  current: null,
  healthy: [],
  drift: null,
  foreign: [],
  incidents: { kind: "never" },
  floor: null,
  contract: null,
  approvedSince: null,
  restoredAt: null,
  backups: [],
  paces: {},
};

/** The state of a service that was never seen before. */
export function newServiceState(service: Service): ServiceState {
  return {
    service,
    appliedAt: null,
    removedAt: null,
    specs: [],
    environments: {},
    failed: {},
    releases: {},
    newest: null,
    images: {},
    lookedUpTo: null,
    holds: [],
    globalHolds: [],
    windows: {},
    ignored: [],
    troubled: [],
  };
}

/** What is known of an environment; an environment new to us is empty. */
export function environmentState(state: ServiceState, id: EnvironmentId): EnvironmentState {
  return entryOf(state.environments, id) ?? EMPTY;
}

/** The environment of that id, or null. */
export function findEnvironment(service: Service, id: string): Environment | null {
  return service.environments.find((environment) => environment.id === id) ?? null;
}

/** The stage before an environment in the rollout order; null for the first stage and for environments outside. */
export function stageBefore(service: Service, environment: Environment): Environment | null {
  return atStage(service, environment, -1);
}

/** The stage after an environment in the rollout order; null for the last stage and for environments outside. */
export function stageAfter(service: Service, environment: Environment): Environment | null {
  return atStage(service, environment, 1);
}

function atStage(service: Service, environment: Environment, offset: number): Environment | null {
  if (environment.stage === null) {
    return null;
  }
  const stage = environment.stage + offset;
  return service.environments.find((other) => other.stage === stage) ?? null;
}

/** A release that the state refers to. */
export function releaseOf(state: ServiceState, id: ReleaseId): Release {
  const release = entryOf(state.releases, id);
  assert(release !== undefined, `the state holds release ${id}, to which it refers`);
  return release;
}

/** What is known of the image of a digest, or null. */
export function findImage(state: ServiceState, digest: Digest): Image | null {
  const release = Object.values(state.releases).find((known) => known.digest === digest);
  return release?.image ?? state.images[imageId(digest)] ?? null;
}

/** Every promotion that is under way or waits, in all environments. */
export function openPromotions(state: ServiceState): readonly Promotion[] {
  return Object.values(state.environments).flatMap(({ active, waiting }) =>
    active === null ? waiting : [active].concat(waiting),
  );
}

/** Whether the tick has to look at the service, because something is under way. */
export function isInFlight(state: ServiceState): boolean {
  const environments = Object.values(state.environments);
  return (
    openPromotions(state).length > 0 ||
    environments.some(({ contract, foreign }) => isStarted(contract) || foreign.some(isUnderWay))
  );
}

function isStarted(contract: PendingContract | null): boolean {
  return contract !== null && contract.startedBy !== null;
}

/** The backups with the data from before a promotion's deployment, as far as the state still knows them. */
export function backupsBefore(
  { current, healthy, backups }: EnvironmentState,
  promotion: PromotionId,
): readonly Backup[] {
  const known = current === null ? healthy : [current, ...healthy];
  const bound = known.find((deployment) => deployment.promotion === promotion)?.backups ?? [];
  return backups.filter(({ id }) => bound.includes(id));
}

/** The open promotion of that id, or null. */
export function findPromotion(state: ServiceState, id: string): Promotion | null {
  return openPromotions(state).find((promotion) => promotion.id === id) ?? null;
}
