import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import type { StatusName } from "../kit/google-error.ts";
import type { ImageCatalog, ImagePlatforms } from "../kit/image-catalog.ts";
import type { ExecutionRecord, JobRecord } from "./job-records.ts";
import type { RevisionTemplate, ServiceSpec } from "./wire.ts";

/** Why something did not become ready. */
export type Failure = {
  readonly status: StatusName;
  /** A `reason` or `revisionReason` of a condition. */
  readonly reason: string;
  readonly message: string;
};

/** The image that answers a revision's requests, as it was when the revision was made. */
export type RunningImage = {
  /** `sha256:…` */
  readonly digest: string;
  /** The repository and digest, as the revision shows it. */
  readonly reference: string;
  readonly tag: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly runsOn?: ImagePlatforms | undefined;
};

/** What became of a revision. Times are milliseconds since the epoch. */
type RevisionOutcome =
  | { readonly kind: "starting"; readonly dueTime: number; readonly failure: Failure | null }
  | { readonly kind: "ready"; readonly time: number }
  | { readonly kind: "failed"; readonly time: number; readonly failure: Failure };

/** A revision: immutable but for its outcome. */
export type RevisionRecord = {
  readonly name: string;
  readonly service: string;
  /** Counts the revisions of the service, from 1. */
  readonly sequence: number;
  readonly createTime: number;
  /** With every image resolved to its digest. */
  readonly template: RevisionTemplate;
  /** The image of the container that answers requests; null when it was not found. */
  readonly image: RunningImage | null;
  readonly outcome: RevisionOutcome;
};

/** A share of traffic as it is served: always a revision by its short name. */
export type ServedTarget = {
  readonly latest: boolean;
  readonly revision: string;
  readonly percent: number;
  readonly tag: string | null;
};

/** A service: what its owner asked for and what is served. */
export type ServiceRecord = {
  readonly name: string;
  readonly uid: string;
  readonly createTime: number;
  readonly updateTime: number;
  /** Counts changes of any kind, for the etag. */
  readonly version: number;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly spec: ServiceSpec;
  readonly revisionCount: number;
  readonly latestCreated: string;
  readonly latestReady: string | null;
  /** The last revision that had all the traffic; what a canary is measured against. */
  readonly stable: string | null;
  readonly served: readonly ServedTarget[];
  readonly reconciling: boolean;
  readonly transitionTime: number;
  readonly failure: Failure | null;
};

/** A long-running operation. `target` is the name of the resource that it is about. */
export type OperationRecord = {
  readonly name: string;
  readonly target: string;
  readonly createTime: number;
  readonly outcome:
    | { readonly kind: "running" }
    | { readonly kind: "done"; readonly response: object }
    | { readonly kind: "failed"; readonly failure: Failure; readonly metadata: object };
};

/** Everything that the emulator knows. */
export type State = {
  readonly services: Map<string, ServiceRecord>;
  readonly revisions: Map<string, RevisionRecord>;
  readonly jobs: Map<string, JobRecord>;
  readonly executions: Map<string, ExecutionRecord>;
  readonly operations: Map<string, OperationRecord>;
};

/** The state with what surrounds it; every operation takes it first. */
export type CloudRun = {
  readonly state: State;
  /** The policies of services and jobs. */
  readonly keeper: PolicyKeeper;
  /** Where images are looked up; null means that every image exists. */
  readonly images: ImageCatalog | null;
  /** How long a new revision takes to become ready, in milliseconds. */
  readonly readyMs: number;
  /** How long a change of a job takes to be through, in milliseconds. */
  readonly jobMs: number;
  /** How long one attempt of a job's task takes, in milliseconds, when nothing else says so. */
  readonly taskMs: number;
  /** Where the services answer, `http://127.0.0.1:PORT`. */
  readonly baseUrl: () => string;
  /** Whether Cloud Functions made a service of that name. */
  readonly isFunction: (name: string) => boolean;
};

/** A state with nothing in it. */
export function emptyState(): State {
  return {
    services: new Map(),
    revisions: new Map(),
    jobs: new Map(),
    executions: new Map(),
    operations: new Map(),
  };
}

/** The revision of a service by its short name. */
export function revisionOf(
  state: State,
  service: string,
  revision: string,
): RevisionRecord | undefined {
  return state.revisions.get(`${service}/revisions/${revision}`);
}

/** All revisions of a service, oldest first. */
export function revisionsOf(state: State, service: string): readonly RevisionRecord[] {
  return [...state.revisions.values()].filter((revision) => revision.service === service);
}
