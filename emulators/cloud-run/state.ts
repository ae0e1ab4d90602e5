import type { PolicyKeeper } from "../kit/access/policy-methods.ts";
import type { Message } from "../kit/call.ts";
import type { Collection, Resource } from "../kit/collection.ts";
import type { Place } from "../kit/collection-names.ts";
import type { StatusName } from "../kit/google-error.ts";
import type { CatalogImage, ImageCatalog } from "../kit/image-catalog.ts";
import type { JobSpec, RevisionTemplate, ServiceSpec, TaskTemplate } from "./spec.ts";

/** Free-form pairs: labels, variables. */
export type Pairs = Readonly<Record<string, string>>;

/** Why something did not become ready, or did not succeed. */
export type Failure = {
  readonly status: StatusName;
  /** A reason of a condition. */
  readonly reason: string;
  readonly message: string;
};

/** The image that answers a revision's requests, as it was when the revision was made. */
export type RunningImage = CatalogImage & {
  /** The repository and digest, as the revision shows it. */
  readonly reference: string;
  readonly tag: string | null;
};

/** A share of traffic as it is served: always a revision by its short name. */
export type ServedTarget = {
  readonly latest: boolean;
  readonly revision: string;
  readonly percent: number;
  readonly tag: string | null;
};

/** What Cloud Run says of a service. */
export type ServiceOwn = {
  readonly generation: string;
  readonly observedGeneration?: string;
  readonly latestCreatedRevision: string;
  readonly latestReadyRevision?: string;
  readonly reconciling: boolean;
  readonly hidden: {
    readonly failure: Failure | null;
    /** When its conditions last changed. */
    readonly changedMs: number;
    readonly revisionCount: number;
    /** The last revision that had all the traffic; what a canary is measured against. */
    readonly stable: string | null;
    readonly served: readonly ServedTarget[];
  };
};

/** What Cloud Run says of a job. */
export type JobOwn = {
  readonly generation: string;
  readonly executionCount: number;
  readonly hidden: {
    readonly failure: Failure | null;
    /** When its last change is through. */
    readonly changedMs: number;
    readonly readyMs: number;
    readonly latestExecution: string | null;
  };
};

/** What Cloud Run says of a revision. */
export type RevisionOwn = {
  readonly createTime: string;
  readonly hidden: {
    /** The image of the container that answers requests; null when it was not found. */
    readonly image: RunningImage | null;
    /** When it becomes ready, or fails. */
    readonly dueMs: number;
    readonly failure: Failure | null;
  };
};

/** How the tasks of an execution go, one like the other. */
export type TaskPlan = {
  /** How many run at once. */
  readonly slots: number;
  /** How long one takes, with its retries. */
  readonly taskMs: number;
  readonly retries: number;
  /** 0 is success; null that the timeout ended the last attempt. */
  readonly exitCode: number | null;
};

/** What Cloud Run says of an execution. */
export type ExecutionOwn = {
  readonly createTime: string;
  readonly taskCount: number;
  readonly template: TaskTemplate;
  /** What it looks like at any time follows from this. */
  readonly hidden: {
    /** Null when no task can start, as when the image is missing. */
    readonly plan: TaskPlan | null;
    /** When it ends, by itself or because it was cancelled. */
    readonly endMs: number;
    /** Why it fails then, if it does. */
    readonly failure: Failure | null;
  };
};

/** A service: what its owner asked for and what is served. */
export type Service = Resource<ServiceSpec, ServiceOwn>;
/** A job. */
export type Job = Resource<JobSpec, JobOwn>;
/** A revision, which never changes, with every image resolved to its digest. */
export type Revision = Resource<RevisionTemplate, RevisionOwn>;
/** One run of a job. */
export type Execution = Resource<Message, ExecutionOwn>;

/** A long-running operation: one that has its response, or one whose end follows from what it is about. */
export type OperationRecord = {
  readonly name: string;
  /** The name of the resource that it is about. */
  readonly target: string;
  readonly response: object | null;
};

/** What surrounds the resources. */
export type Surroundings = {
  readonly now: () => number;
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

/** Everything that the emulator knows. */
export type CloudRun = Surroundings & {
  readonly services: Collection<ServiceSpec, ServiceOwn>;
  readonly revisions: Collection<RevisionTemplate, RevisionOwn>;
  readonly jobs: Collection<JobSpec, JobOwn>;
  readonly executions: Collection<Message, ExecutionOwn>;
  readonly operations: Map<string, OperationRecord>;
};

/** The revision of a service by its short name. */
export function revisionOf(run: CloudRun, service: string, revision: string): Revision | undefined {
  return run.revisions.records.get(`${service}/revisions/${revision}`);
}

/** All revisions of a service, oldest first. */
export function revisionsOf(run: CloudRun, service: string): readonly Revision[] {
  const prefix = `${service}/revisions/`;
  return [...run.revisions.records.values()].filter(({ name }) => name.startsWith(prefix));
}

/** Whether a revision can serve at a moment. */
export function isReady(revision: Revision | undefined, nowMs: number): boolean {
  return (
    revision !== undefined && revision.hidden.failure === null && nowMs >= revision.hidden.dueMs
  );
}

/** When what begins is through; at once where Cloud Deploy waits for it, which alone can say so. */
export function dueAt({ nowMs, request }: Place, waitMs: number): number {
  return request["isSettled"] === true ? nowMs : nowMs + waitMs;
}

/** Deletes so many of those of a kind that may go, the first ones. */
export function forgetOldest(
  { records }: { readonly records: Map<string, unknown> },
  mayGo: readonly { readonly name: string }[],
  count: number,
): void {
  for (const { name } of mayGo.slice(0, Math.max(0, count))) {
    records.delete(name);
  }
}
