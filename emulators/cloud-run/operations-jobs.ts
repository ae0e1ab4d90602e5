import { isDeepStrictEqual } from "node:util";
import { badRequest, googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import { etagFor, uidFor } from "./identity.ts";
import { resolveImage } from "./image-reference.ts";
import type { JobFailure, JobRecord, JobSpec } from "./job-records.ts";
import { checkJobSpec, jobWithDefaults, toJobSpec } from "./job-spec.ts";
import { jobView } from "./job-view.ts";
import { beginOperation, finishedOperation } from "./long-running.ts";
import { checkId, checkName, idOf, isChildOf, parsePlace, placeName } from "./names.ts";
import { refuseImage } from "./runnable.ts";
import type { CloudRun } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };

/** The form of a job's name. */
export const JOB_NAME = "projects/*/locations/*/jobs/*";

/** What a caller sends as a job. */
type JobInput = JobSpec & { readonly name?: string; readonly etag?: string };

/**
 * CreateJob.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs/create
 * @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS
 */
export function createJob(
  run: CloudRun,
  request: {
    readonly parent?: string;
    readonly jobId?: string;
    readonly job?: JobInput;
    readonly validateOnly?: boolean;
  },
  now: number,
): Operation {
  const parent = placeName(parsePlace(request.parent));
  const name = `${parent}/jobs/${checkId("job_id", request.jobId)}`;
  if (run.state.jobs.has(name)) {
    throw googleError("ALREADY_EXISTS", `Resource '${idOf(name)}' already exists.`);
  }
  const { job = {}, validateOnly = false } = request;
  return writeJob(run, { name, job, validateOnly }, now);
}

/**
 * UpdateJob: replaces everything that an owner sets.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs/patch
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ABORTED for an etag that is out of date
 */
export function updateJob(
  run: CloudRun,
  request: {
    readonly job?: JobInput;
    readonly validateOnly?: boolean;
    readonly allowMissing?: boolean;
  },
  now: number,
): Operation {
  const { job = {}, validateOnly = false } = request;
  const name = checkName(job.name, JOB_NAME);
  if (request.allowMissing !== true || run.state.jobs.has(name)) {
    checkJobEtag(findJob(run, name), job.etag);
  }
  return writeJob(run, { name, job, validateOnly }, now);
}

/**
 * GetJob.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function getJob(run: CloudRun, request: { readonly name?: string }, now: number): object {
  return jobView(run.state, findJob(run, request.name), now);
}

/** ListJobs: newest first. */
export function listJobs(
  run: CloudRun,
  request: PageRequest & { readonly parent?: string },
  now: number,
): { readonly jobs: readonly object[]; readonly nextPageToken: string } {
  const parent = placeName(parsePlace(request.parent));
  const found = [...run.state.jobs.values()].filter(({ name }) => isChildOf(name, parent));
  const page = paginate(found.toReversed(), request, PAGE_LIMITS);
  return {
    jobs: page.items.map((job) => jobView(run.state, job, now)),
    nextPageToken: page.nextPageToken,
  };
}

/**
 * DeleteJob: its executions go with it, running ones too.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ABORTED for an etag that is out of date
 */
export function deleteJob(
  run: CloudRun,
  request: { readonly name?: string; readonly validateOnly?: boolean; readonly etag?: string },
  now: number,
): Operation {
  const job = findJob(run, request.name);
  checkJobEtag(job, request.etag);
  const target = job.name;
  const response = jobView(run.state, job, now);
  const stored = request.validateOnly !== true;
  if (stored) {
    for (const name of run.state.executions.keys()) {
      if (isChildOf(name, target)) {
        run.state.executions.delete(name);
      }
    }
    run.state.jobs.delete(target);
    run.keeper.forget(target);
  }
  return finishedOperation(run, { target, kind: "Job", response, stored }, now);
}

/**
 * A job by its name.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function findJob(run: CloudRun, name: string | undefined): JobRecord {
  const job = run.state.jobs.get(checkName(name, JOB_NAME));
  if (job === undefined) {
    throw googleError("NOT_FOUND", `Resource '${idOf(name ?? "")}' of kind 'JOB' does not exist.`);
  }
  return job;
}

/**
 * Refuses a change based on an older version of a job. No etag, or an empty one, is not checked.
 * @throws GoogleError ABORTED
 */
export function checkJobEtag(job: JobRecord, etag: string | undefined): void {
  const actual = etagFor(job.name, job.version);
  if ((etag ?? "") !== "" && etag !== actual) {
    throw googleError(
      "ABORTED",
      `Conflict for resource '${idOf(job.name)}': version '${etag ?? ""}' was specified but current version is '${actual}'.`,
    );
  }
}

/**
 * Creates a job or gives an existing one a new specification.
 * @throws GoogleError INVALID_ARGUMENT; UNIMPLEMENTED for a start by token.
 */
export function writeJob(
  run: CloudRun,
  write: { readonly name: string; readonly job: JobInput; readonly validateOnly: boolean },
  now: number,
): Operation {
  const { name, job } = write;
  if (job.startExecutionToken !== undefined || job.runExecutionToken !== undefined) {
    throw googleError(
      "UNIMPLEMENTED",
      "The emulator does not start executions by token: use RunJob.",
    );
  }
  const given = toJobSpec(job);
  checkJobSpec(given);
  if (given.template?.template?.containers === undefined) {
    throw badRequest("job.template.template", "template must be set");
  }
  const next = nextJob(run, { name, spec: jobWithDefaults(given) }, now);
  if (write.validateOnly) {
    const response = jobView(run.state, next, now);
    return finishedOperation(run, { target: name, kind: "Job", response, stored: false }, now);
  }
  run.state.jobs.set(name, next);
  return beginOperation(run, name, now);
}

function nextJob(
  run: CloudRun,
  change: { readonly name: string; readonly spec: JobSpec },
  now: number,
): JobRecord {
  const { name, spec } = change;
  const base = run.state.jobs.get(name) ?? firstRecord(name, now);
  const isChanged = !isDeepStrictEqual(base.spec, spec);
  return {
    ...base,
    spec,
    generation: base.generation + (isChanged ? 1 : 0),
    version: base.version + (isChanged ? 1 : 0),
    updateTime: isChanged ? now : base.updateTime,
    readyTime: isChanged ? now + run.jobMs : base.readyTime,
    failure: findMissing(run, spec),
  };
}

function firstRecord(name: string, now: number): JobRecord {
  return {
    name,
    uid: uidFor(`${name}@${now}`),
    createTime: now,
    updateTime: now,
    readyTime: now,
    version: 0,
    generation: 0,
    spec: {},
    failure: null,
    executionCount: 0,
    latestExecution: null,
  };
}

function findMissing(run: CloudRun, spec: JobSpec): JobFailure | null {
  const containers = spec.template?.template?.containers ?? [];
  const failures = containers.map(({ image = "" }) =>
    refuseImage(image, resolveImage(run.images, image)),
  );
  return failures.find((failure) => failure !== null) ?? null;
}
