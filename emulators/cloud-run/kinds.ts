import type { Message } from "../kit/call.ts";
import type { Operation } from "../kit/operation.ts";
import { describedFields, type Fields } from "../kit/collection-fields.ts";
import { googleError } from "../kit/google-error.ts";
import { idOf } from "./names.ts";
import { PROTOS } from "./messages.ts";
import { executionView, jobView } from "./job-views.ts";
import { writeJob } from "./job-write.ts";
import { isRetired, revisionView, serviceView } from "./service-views.ts";
import { writeService } from "./service-write.ts";
import type {
  CloudRun,
  ExecutionRecord,
  JobRecord,
  RevisionRecord,
  ServiceRecord,
} from "./state.ts";
import type { Viewed } from "./wire.ts";

// What is required is checked with the rest, and then named by its place in the request.
const SERVICE_FIELDS = describedFields(PROTOS, "google.cloud.run.v2.Service", { required: [] });
const JOB_FIELDS = describedFields(PROTOS, "google.cloud.run.v2.Job", {
  required: [],
  notEmulated: ["startExecutionToken", "runExecutionToken"],
});

/** A kind of resource: how the API names it, where its records are, and how they are shown. */
export type Kind<Item> = {
  readonly run: CloudRun;
  /** As methods have it, such as `Service`. */
  readonly type: "Service" | "Revision" | "Job" | "Execution";
  /** The form of a name. */
  readonly pattern: string;
  readonly items: ReadonlyMap<string, Item>;
  readonly view: (item: Item, now: number) => Viewed;
  /** @throws GoogleError when it may not be deleted now */
  readonly checkDeletion?: (item: Item) => void;
};

/** A resource as its owner writes it. */
export type Write = {
  readonly name: string;
  /** A `ServiceSpec` or a `JobSpec`. */
  readonly spec: Message;
  /** Only looks at it. */
  readonly validateOnly?: boolean;
  /** Makes a new revision even of a template that did not change. */
  readonly newRevision?: boolean;
};

/** A kind whose resources people make and change. */
export type WrittenKind<Item extends { readonly spec: Message }> = Kind<Item> & {
  readonly type: "Service" | "Job";
  readonly fields: Fields;
  readonly write: (write: Write, now: number) => Operation;
};

/** Every kind of resource. */
export type Kinds = {
  readonly services: WrittenKind<ServiceRecord>;
  readonly revisions: Kind<RevisionRecord>;
  readonly jobs: WrittenKind<JobRecord>;
  readonly executions: Kind<ExecutionRecord>;
};

/** The kinds of resources of an emulator. */
export function kindsOf(run: CloudRun): Kinds {
  const { services, revisions, jobs, executions } = run.state;
  return {
    services: {
      run,
      type: "Service",
      pattern: "projects/*/locations/*/services/*",
      items: services,
      view: (service) => serviceView(run, service),
      fields: SERVICE_FIELDS,
      write: (write, now) => writeService(run, write, now),
    },
    revisions: {
      run,
      type: "Revision",
      pattern: "projects/*/locations/*/services/*/revisions/*",
      items: revisions,
      view: (revision) => revisionView(revision, services.get(revision.service)),
      checkDeletion: (revision) => {
        if (!isRetired(revision, services.get(revision.service))) {
          throw googleError(
            "FAILED_PRECONDITION",
            `Revision '${idOf(revision.name)}' cannot be deleted: it has traffic or a tag, or is the latest of its service.`,
          );
        }
      },
    },
    jobs: {
      run,
      type: "Job",
      pattern: "projects/*/locations/*/jobs/*",
      items: jobs,
      view: (job, now) => jobView(run.state, job, now),
      fields: JOB_FIELDS,
      write: (write, now) => writeJob(run, write, now),
    },
    executions: {
      run,
      type: "Execution",
      pattern: "projects/*/locations/*/jobs/*/executions/*",
      items: executions,
      view: executionView,
    },
  };
}
