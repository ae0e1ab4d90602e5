import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import type { StatusName } from "../kit/google-error.ts";
import type { ImageCatalog, ImagePlatforms } from "../kit/image-catalog.ts";
import type { JobSpec, Pairs, RevisionTemplate, ServiceSpec, TaskTemplate } from "./wire.ts";

// All times are milliseconds since the epoch.

/** Why something did not become ready, or did not succeed. */
export type Failure = {
  readonly status: StatusName;
  /** A reason of a condition. */
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
  readonly env: Pairs;
  readonly labels: Pairs;
  readonly runsOn?: ImagePlatforms | undefined;
};

/** A revision: immutable but for its outcome. */
export type RevisionRecord = {
  readonly name: string;
  readonly service: string;
  readonly createTime: number;
  /** With every image resolved to its digest. */
  readonly template: RevisionTemplate;
  /** The image of the container that answers requests; null when it was not found. */
  readonly image: RunningImage | null;
  readonly outcome:
    | { readonly kind: "starting"; readonly dueTime: number; readonly failure: Failure | null }
    | { readonly kind: "ready"; readonly time: number }
    | { readonly kind: "failed"; readonly time: number; readonly failure: Failure };
};

/** A share of traffic as it is served: always a revision by its short name. */
export type ServedTarget = {
  readonly latest: boolean;
  readonly revision: string;
  readonly percent: number;
  readonly tag: string | null;
};

/** What services and jobs have alike. */
type OwnedRecord<Spec> = {
  readonly name: string;
  readonly uid: string;
  readonly createTime: number;
  readonly updateTime: number;
  /** Counts changes of any kind, for the etag. */
  readonly version: number;
  readonly generation: number;
  /** What its owner asked for. */
  readonly spec: Spec;
  readonly failure: Failure | null;
};

/** A service: what its owner asked for and what is served. */
export type ServiceRecord = OwnedRecord<ServiceSpec> & {
  readonly observedGeneration: number;
  readonly revisionCount: number;
  readonly latestCreated: string;
  readonly latestReady: string | null;
  /** The last revision that had all the traffic; what a canary is measured against. */
  readonly stable: string | null;
  readonly served: readonly ServedTarget[];
  readonly reconciling: boolean;
  readonly transitionTime: number;
};

/** A job. */
export type JobRecord = OwnedRecord<JobSpec> & {
  /** When its last change is through. */
  readonly readyTime: number;
  readonly executionCount: number;
  readonly latestExecution: string | null;
};

/** When one task runs and how it ends, unless the execution ends before. */
export type TaskPlan = {
  readonly startTime: number;
  readonly endTime: number;
  readonly retries: number;
  /** 0 is success; null that the timeout ended the last attempt. */
  readonly exitCode: number | null;
};

/** One run of a job. What it looks like at any time follows from its plan. */
export type ExecutionRecord = {
  readonly name: string;
  readonly job: string;
  readonly createTime: number;
  readonly labels: Pairs;
  readonly annotations: Pairs;
  readonly template: TaskTemplate;
  readonly parallelism: number;
  readonly tasks: readonly TaskPlan[];
  /** Set when no task can start, as when the image is missing. */
  readonly failure: Failure | null;
  /** When it ends, by itself or because it was cancelled. */
  readonly endTime: number;
  readonly cancelled: boolean;
};

/** A long-running operation: one that has its response, or one whose end follows from what it is about. */
export type OperationRecord = {
  readonly name: string;
  /** The name of the resource that it is about. */
  readonly target: string;
  readonly outcome: { readonly kind: "running" | "done"; readonly response?: object };
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
  /** How long a new revision takes to become ready, a change of a job to be through, and an attempt of a task. */
  readonly times: Readonly<Record<"readyMs" | "jobMs" | "taskMs", number>>;
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
