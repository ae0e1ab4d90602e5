import { toTimestamp } from "../kit/clock.ts";
import { applyFieldMask } from "../kit/field-mask.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import { toCamelCase } from "../kit/field-names.ts";
import { completeJob, type JobInput } from "./job-rules.ts";
import { checkJobName, checkParent, idFor, parentOf } from "./names.ts";
import { nextRun } from "./schedule.ts";
import { changeJob, requireJob, type SchedulerState, toJobView } from "./state.ts";

const PAGE_LIMITS = { defaultSize: 500, maxSize: 500 };

/** What may be set of a job; the rest of it is the service's own and ignored in a request. */
const SETTABLE = [
  "description",
  "schedule",
  "timeZone",
  "retryConfig",
  "attemptDeadline",
  "httpTarget",
  "pubsubTarget",
  "appEngineHttpTarget",
] as const;

/** The targets, of which a job has one. */
const TARGETS: ReadonlySet<string> = new Set(["httpTarget", "pubsubTarget", "appEngineHttpTarget"]);

type NamedJob = JobInput & { readonly name?: string };
type NameRequest = { readonly name?: string };

/** ListJobs, by name. */
export function listJobs(
  state: SchedulerState,
  request: PageRequest & { readonly parent?: string },
): object {
  const parent = checkParent(request.parent);
  const jobs = [...state.jobs.values()]
    .filter((job) => parentOf(job.name) === parent)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const page = paginate(jobs, request, PAGE_LIMITS);
  return { jobs: page.items.map(toJobView), nextPageToken: page.nextPageToken };
}

/**
 * GetJob
 * @throws GoogleError NOT_FOUND
 */
export function getJob(state: SchedulerState, request: NameRequest): object {
  return toJobView(requireJob(state, checkJobName(request.name)));
}

/**
 * CreateJob: it is enabled at once. Without a name it gets one.
 * @throws GoogleError INVALID_ARGUMENT, ALREADY_EXISTS
 */
export function createJob(
  state: SchedulerState,
  request: { readonly parent?: string; readonly job?: NamedJob },
  nowMs: number,
): object {
  const parent = checkParent(request.parent);
  const { job: input = {} } = request;
  const created = (state.counts.get("created") ?? 0) + 1;
  const ownName = `${parent}/jobs/${idFor(`${parent}@${created}`)}`;
  const name = checkJobName(input.name ?? ownName);
  if (parentOf(name) !== parent) {
    throw badRequest("job.name", `The job "${name}" is not in "${parent}".`);
  }
  const settings = completeJob(name, input, nowMs);
  if (state.jobs.has(name)) {
    throw googleError("ALREADY_EXISTS", `Job ${name} already exists.`);
  }
  state.counts.set("created", created);
  const job = {
    name,
    settings,
    state: "ENABLED",
    userUpdateTime: toTimestamp(nowMs),
    lastCode: null,
    lastAttemptMs: null,
    nextMs: nextRun(settings, nowMs),
    waiting: null,
    delayedMs: null,
  } as const;
  state.jobs.set(name, job);
  return toJobView(job);
}

/**
 * UpdateJob: what the mask names, or everything that the request has. A paused job stays paused.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function updateJob(
  state: SchedulerState,
  request: { readonly job?: NamedJob; readonly updateMask?: string },
  nowMs: number,
): object {
  const name = checkJobName(request.job?.name);
  const current = requireJob(state, name);
  const input = mergeInput(current.settings, request.job ?? {}, request.updateMask ?? "");
  const settings = completeJob(name, input, nowMs);
  const nextMs = current.state === "PAUSED" ? null : nextRun(settings, nowMs);
  return toJobView(
    changeJob(state, current, { settings, nextMs, userUpdateTime: toTimestamp(nowMs) }),
  );
}

/**
 * DeleteJob
 * @throws GoogleError NOT_FOUND
 */
export function deleteJob(state: SchedulerState, request: NameRequest): object {
  state.jobs.delete(requireJob(state, checkJobName(request.name)).name);
  return {};
}

/**
 * PauseJob: nothing more is started; what is under way ends.
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION unless it is enabled
 */
export function pauseJob(state: SchedulerState, request: NameRequest): object {
  const job = requireJob(state, checkJobName(request.name));
  if (job.state !== "ENABLED") {
    throw googleError("FAILED_PRECONDITION", `Job ${job.name} is ${job.state}, not ENABLED.`);
  }
  const stopped = { nextMs: null, waiting: null, delayedMs: null };
  return toJobView(changeJob(state, job, { ...stopped, state: "PAUSED" }));
}

/**
 * ResumeJob: goes on with the next time of the schedule.
 * @throws GoogleError NOT_FOUND, FAILED_PRECONDITION unless it is paused
 */
export function resumeJob(state: SchedulerState, request: NameRequest, nowMs: number): object {
  const job = requireJob(state, checkJobName(request.name));
  if (job.state !== "PAUSED") {
    throw googleError("FAILED_PRECONDITION", `Job ${job.name} is ${job.state}, not PAUSED.`);
  }
  const nextMs = nextRun(job.settings, nowMs);
  return toJobView(changeJob(state, job, { state: "ENABLED", nextMs }));
}

/** The settings as a caller would have to send them for the job to become what the update wants. */
function mergeInput(current: JobInput, input: JobInput, updateMask: string): JobInput {
  const patch = pickSettable(input);
  const paths = updateMask.split(",").filter((path) => path !== "" && path !== "*");
  if (paths.length === 0) {
    return applyFieldMask(withoutOtherTargets(current, Object.keys(patch)), patch, undefined);
  }
  const named = paths.map((path) => toCamelCase(path)).filter(isSettable);
  const fields = named.map((path) => path.split(".")[0] ?? "");
  return named.length === 0
    ? current
    : applyFieldMask(withoutOtherTargets(current, fields), patch, named.join(","));
}

function isSettable(path: string): boolean {
  const field = path.split(".")[0];
  return SETTABLE.some((name) => name === field);
}

function pickSettable(input: JobInput): JobInput {
  const entries = SETTABLE.map((field) => [field, input[field]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** A new target of another kind takes the place of the one before. */
function withoutOtherTargets(current: JobInput, fields: readonly string[]): JobInput {
  const target = fields.find((field) => TARGETS.has(field));
  const kept = Object.entries(current).filter(
    ([field]) => target === undefined || field === target || !TARGETS.has(field),
  );
  return Object.fromEntries(kept);
}
