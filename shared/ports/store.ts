import type { AuditHead, AuditRecord } from "../domain/audit-record.ts";
import type { Backup } from "../domain/backup.ts";
import type { SpecText } from "../domain/changes/kept-specs.ts";
import type { ControlState } from "../domain/control.ts";
import type { Effect } from "../domain/effect.ts";
import type { PromotionId, ReleaseId, ServiceId } from "../domain/ids.ts";
import type { Image } from "../domain/image.ts";
import type { Named } from "../domain/named.ts";
import type { NumbersBook } from "../domain/numbers/book.ts";
import type { Due, Sum } from "../domain/numbers/sum.ts";
import type { Promotion } from "../domain/promotion.ts";
import type { Release } from "../domain/release.ts";
import type { ServiceState } from "../domain/state.ts";
import type { Instant } from "../domain/time.ts";
import type { Decision } from "../domain/decision.ts";
import type { PlacedEntry, TimelineEntry } from "../domain/timeline.ts";

/** An effect that was decided and is not done yet. */
export type PendingEffect = {
  readonly effect: Effect;
  readonly attempts: number;
  /** Not to be tried before. */
  readonly notBefore: Instant;
};

/** Who carries out a chain's pending work, and until when nobody else may. */
export type Lease = { readonly holder: string; readonly until: Instant };

/** A chain of audit records: where it ends, and how far it has been published. */
export type Chain = { readonly head: AuditHead; readonly published: number };

/** Everything kept in a service's one document. */
export type ServiceAggregate = {
  readonly state: ServiceState;
  readonly outbox: readonly PendingEffect[];
  readonly chain: Chain;
  readonly lease: Lease | null;
  /** What is counted of its records. */
  readonly numbers: NumbersBook;
  /** What of that is not in the sums of its owners, and of all, yet. */
  readonly due: Due;
};

/** A service as it was read or stored, and the version by which its store tells whether it still is that. */
export type SeenService = ServiceAggregate & {
  readonly version: string;
  /** Whether the holds on everything were read with it; if not, it has none. */
  readonly areHoldsRead: boolean;
  /** Whether its document has the fields by which this version finds services; a document of before them has not. */
  readonly isFindable: boolean;
};

/**
 * A service as a list found it. One whose document cannot be read, because it is damaged or of a later version of
 * Slipway, keeps no other from being found.
 */
export type ListedService =
  | { readonly kind: "readable"; readonly seen: SeenService }
  | {
      readonly kind: "unreadable";
      readonly service: ServiceId;
      readonly reason: string;
      /** Whether a later version wrote it, which can read it. */
      readonly isNewer: boolean;
    };

/** Everything kept in the installation's one document. */
export type ControlAggregate = {
  readonly state: ControlState;
  readonly chain: Chain;
  readonly lease: Lease | null;
};

/** What is written beside an aggregate, in the same transaction. Writing the same again is harmless. */
export type HistoryWrites = {
  readonly promotions: readonly Promotion[];
  readonly releases: readonly Release[];
  readonly images: readonly Image[];
  readonly timeline: readonly TimelineEntry[];
  readonly backups: readonly Backup[];
  readonly specs: readonly SpecText[];
  readonly records: readonly AuditRecord[];
};

/** What is to be stored together. */
export type Write<Aggregate> = { readonly aggregate: Aggregate; readonly history: HistoryWrites };

/** What a transaction's function wants stored (`write: null`: nothing), and what it returns. */
export type Transaction<Aggregate, Value> = {
  readonly write: Write<Aggregate> | null;
  readonly value: Value;
};

/** Where services may have something in common: an image (empty: none), projects, and pipelines by their ids alone. */
export type Meeting = {
  readonly image: string;
  readonly projects: readonly string[];
  readonly pipelines: readonly string[];
};

/** What a transaction reads beside the service itself. */
export type Asked = {
  readonly named: (aggregate: ServiceAggregate) => readonly ReleaseId[];
  readonly meeting: Meeting;
};

/** One page of a list; `nextPageToken` is empty on the last. */
export type Page<Item> = { readonly items: readonly Item[]; readonly nextPageToken: string };

/** Which page: `pageToken` as a page before gave it, or empty for the first. */
export type PageRequest = { readonly pageSize: number; readonly pageToken: string };

/** A page of what was in a span of time. */
export type SpanRequest = PageRequest & { readonly from: Instant; readonly to: Instant };

/**
 * The state and its history. Every call throws TransientError when the store is busy or unreachable,
 * PermanentError for a page token that it did not give,
 * and UnreadableError when the one document that is asked for cannot be read. A control document that cannot be read
 * keeps no service from being read: one hold stands for those that it has.
 */
export type Store = {
  /**
   * Runs `decide` on the service's aggregate (null: there is none) in a transaction, and stores what it
   * asks for. May run it more than once. The releases that `named` gives of the loaded aggregate are
   * brought back from the history, and what is known of their images.
   */
  readonly transact: <Value>(
    service: ServiceId,
    named: (aggregate: ServiceAggregate) => readonly ReleaseId[],
    decide: (aggregate: ServiceAggregate | null) => Transaction<ServiceAggregate, Value>,
  ) => Promise<Value>;
  /**
   * The same with the other services that are where it may meet them at the moment of the transaction. It is stored only
   * if there are still the same ones.
   */
  readonly transactAmong: <Value>(
    service: ServiceId,
    asked: Asked,
    decide: (
      aggregate: ServiceAggregate | null,
      others: readonly ListedService[],
    ) => Transaction<ServiceAggregate, Value>,
  ) => Promise<Value>;
  /**
   * Stores what was decided on a service as it was seen, without reading it again.
   * @returns the service as it now is; null when somebody has stored something since: nothing is stored.
   */
  readonly commit: (
    seen: SeenService,
    write: Write<ServiceAggregate>,
  ) => Promise<SeenService | null>;
  /** The same as `transact` for what concerns no single service. There is always an aggregate. */
  readonly transactControl: <Value>(
    decide: (aggregate: ControlAggregate) => Transaction<ControlAggregate, Value>,
  ) => Promise<Value>;

  /** The service's aggregate outside a transaction, with the holds on everything; null when unknown. */
  readonly read: (service: ServiceId) => Promise<SeenService | null>;
  readonly readControl: () => Promise<ControlAggregate>;
  /** The services whose image is in that repository, without the holds on everything: most pushes change nothing. */
  readonly findByImage: (repository: string) => Promise<readonly ListedService[]>;
  /** The services that have that pipeline, by its id alone: notifications carry project numbers. */
  readonly findByPipeline: (pipeline: string) => Promise<readonly ListedService[]>;
  /** The services that have an environment in that project. */
  readonly findByProject: (project: string) => Promise<readonly ListedService[]>;
  /**
   * Services by id. `inFlight`: only those with an open promotion or unfinished work. `having`: only those that have all
   * of these keys, as `searchKeysOf` gives them.
   */
  readonly listServices: (
    request: PageRequest & { readonly inFlight: boolean; readonly having?: readonly string[] },
  ) => Promise<Page<ListedService>>;
  /** The services that carry holds of their own. */
  readonly listHeld: () => Promise<readonly ListedService[]>;
  /** How many services an owner has, or with null all have, that were not removed. */
  readonly countServices: (owner: string | null) => Promise<number>;

  /**
   * Takes what is due of services into the sums, so that nothing of them is due any more: all of it or, when it fails,
   * nothing. Services that cannot be read are left out. At most `TAKEN_AT_ONCE_MAX` of them.
   */
  readonly takeDue: (services: readonly ServiceId[]) => Promise<void>;
  /** What was counted of an owner's services, or with null of all, as far as it was taken in. */
  readonly sum: (owner: string | null) => Promise<Sum>;

  readonly release: (service: ServiceId, id: ReleaseId) => Promise<Release | null>;
  /** The releases of those ids with what is known of their images now. */
  readonly named: (service: ServiceId, ids: readonly ReleaseId[]) => Promise<Named>;
  /** The images on which the tag was put, at most `FOUND_BY_NAME_MAX`. */
  readonly imagesTagged: (service: ServiceId, tag: string) => Promise<readonly Image[]>;
  /** The releases whose ids begin so, in the order of ids, at most `FOUND_BY_NAME_MAX`. */
  readonly releasesFrom: (service: ServiceId, prefix: string) => Promise<readonly Release[]>;
  /** In the order of pushes, the newest first. */
  readonly releases: (service: ServiceId, request: PageRequest) => Promise<Page<Release>>;
  /** The releases after one place in the order of pushes, up to another, the newest first, at most so many. */
  readonly releasesBetween: (
    service: ServiceId,
    range: { readonly after: string; readonly upTo: string; readonly limit: number },
  ) => Promise<readonly Release[]>;
  /** What is kept at those places of a service's texts. */
  readonly specs: (service: ServiceId, places: readonly number[]) => Promise<readonly SpecText[]>;
  /** The promotion of that id, of whatever service. */
  readonly promotion: (id: PromotionId) => Promise<Promotion | null>;
  /** Newest first. */
  readonly promotions: (service: ServiceId, request: PageRequest) => Promise<Page<Promotion>>;
  /** Newest first. */
  readonly timeline: (service: ServiceId, request: PageRequest) => Promise<Page<TimelineEntry>>;
  /** What was deployed in a span of time, of whatever service, newest first. */
  readonly timelineOfAll: (request: SpanRequest) => Promise<Page<PlacedEntry>>;
  /** What else happened in it to services, or to all, newest first: the records that `isHappening` names. */
  readonly happeningsOfAll: (request: SpanRequest) => Promise<Page<AuditRecord>>;
  /** The backup of that id that Slipway took for the service. */
  readonly backup: (service: ServiceId, id: string) => Promise<Backup | null>;
  /** The backups that Slipway took, newest first. */
  readonly backups: (service: ServiceId, request: PageRequest) => Promise<Page<Backup>>;
  /** Keeps what became of an event, for 30 days; of one event what was kept last. */
  readonly noteDecision: (decision: Decision) => Promise<void>;
  /** What became of events, newest first. */
  readonly decisions: (request: PageRequest) => Promise<Page<Decision>>;
  /** The records of a chain after a sequence number, in order. */
  readonly records: (
    chain: string,
    after: number,
    limit: number,
  ) => Promise<readonly AuditRecord[]>;
};

/** How many releases or images a name that is not exact may find. */
export const FOUND_BY_NAME_MAX = 20;

/** The part of a store that reads what services were. */
export type Histories = Pick<
  Store,
  | "release"
  | "named"
  | "imagesTagged"
  | "releasesFrom"
  | "releases"
  | "releasesBetween"
  | "specs"
  | "promotion"
  | "promotions"
  | "timeline"
  | "backup"
  | "backups"
  | "records"
>;

/** The part of a store that reads services as they are. */
export type Aggregates = Pick<
  Store,
  | "read"
  | "readControl"
  | "findByImage"
  | "findByPipeline"
  | "findByProject"
  | "listServices"
  | "listHeld"
  | "countServices"
>;

/** The part of a store that reads the histories of all services at once. */
export type Everywhere = Pick<Store, "timelineOfAll" | "happeningsOfAll">;

/** The part of a store that keeps what is counted of several services. */
export type Sums = Pick<Store, "takeDue" | "sum">;

/** Of how many services what is due is taken in at once. */
export const TAKEN_AT_ONCE_MAX = 20;
