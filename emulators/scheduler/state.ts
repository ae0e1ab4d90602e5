import { z } from "zod";
import { toTimestamp } from "../kit/clock.ts";
import { jobNotFound } from "./names.ts";

const Texts = z.record(z.string(), z.string());

const Retry = z.object({
  retryCount: z.number(),
  maxRetryDuration: z.string(),
  minBackoffDuration: z.string(),
  maxBackoffDuration: z.string(),
  maxDoublings: z.number(),
});

const Http = z.object({
  uri: z.string(),
  httpMethod: z.string(),
  headers: Texts,
  body: z.string().optional(),
  oauthToken: z
    .object({ serviceAccountEmail: z.string(), scope: z.string().optional() })
    .optional(),
  oidcToken: z
    .object({ serviceAccountEmail: z.string(), audience: z.string().optional() })
    .optional(),
});

const Pubsub = z.object({
  topicName: z.string(),
  data: z.string().optional(),
  attributes: Texts.optional(),
});

const Settings = z.object({
  description: z.string().optional(),
  schedule: z.string(),
  timeZone: z.string(),
  retryConfig: Retry,
  attemptDeadline: z.string().optional(),
  httpTarget: Http.optional(),
  pubsubTarget: Pubsub.optional(),
});

const Execution = z.object({
  /** Null for one that was forced while nothing was scheduled. */
  scheduledMs: z.number().nullable(),
  firstMs: z.number(),
  /** How many attempts have begun. */
  attempts: z.number(),
});

const Job = z.object({
  name: z.string(),
  settings: Settings,
  state: z.enum(["ENABLED", "PAUSED"]),
  userUpdateTime: z.string(),
  /** The google.rpc.Code of the last attempt; null before the first. */
  lastCode: z.number().nullable(),
  lastAttemptMs: z.number().nullable(),
  /** The next time of the schedule; null while it is paused. */
  nextMs: z.number().nullable(),
  /** An execution that failed and is tried again at `retryMs`. */
  waiting: Execution.extend({ retryMs: z.number() }).nullable(),
  /** A time of the schedule that came while the execution before was under way. */
  delayedMs: z.number().nullable(),
});

/** How often and when a failed execution is tried again; durations in JSON, such as `5s`. */
export type RetryConfig = Readonly<z.infer<typeof Retry>>;
/** Where a job sends a request. */
export type HttpTarget = Readonly<z.infer<typeof Http>>;
/** Where a job publishes a message. */
export type PubsubTarget = Readonly<z.infer<typeof Pubsub>>;
/** What the owner of a job sets, with the service's defaults filled in; it has one target. */
export type JobSettings = Readonly<z.infer<typeof Settings>>;
/** One execution of a job: an attempt and its retries. */
export type Execution = Readonly<z.infer<typeof Execution>>;
/** A job. */
export type JobRecord = Readonly<z.infer<typeof Job>>;

/** Everything that the emulator knows. */
export type SchedulerState = {
  /** By full name. */
  readonly jobs: Map<string, JobRecord>;
  /** How many jobs were ever made, so that made-up ids differ. */
  readonly counts: Map<"created", number>;
};

/** A state with nothing in it. */
export function emptyState(): SchedulerState {
  return { jobs: new Map(), counts: new Map() };
}

/**
 * The job of a name.
 * @throws GoogleError NOT_FOUND
 */
export function requireJob(state: SchedulerState, name: string): JobRecord {
  const job = state.jobs.get(name);
  if (job === undefined) {
    throw jobNotFound(name);
  }
  return job;
}

/** Replaces a job by a changed one. */
export function changeJob(
  state: SchedulerState,
  job: JobRecord,
  change: Partial<JobRecord>,
): JobRecord {
  const next = { ...job, ...change };
  state.jobs.set(next.name, next);
  return next;
}

/** google.cloud.scheduler.v1.Job in JSON. */
export function toJobView(job: JobRecord): object {
  const { name, settings, userUpdateTime, lastCode, lastAttemptMs } = job;
  const dueMs = dueTime(job);
  return {
    name,
    ...settings,
    userUpdateTime,
    state: job.state,
    ...(lastCode === null ? {} : { status: { code: lastCode } }),
    ...(dueMs === null ? {} : { scheduleTime: toTimestamp(dueMs) }),
    ...(lastAttemptMs === null ? {} : { lastAttemptTime: toTimestamp(lastAttemptMs) }),
  };
}

/** When a job has something to do next: a retry or a time of its schedule; null while it is paused. */
export function dueTime({ nextMs, waiting }: JobRecord): number | null {
  if (waiting === null || nextMs === null) {
    return nextMs ?? waiting?.retryMs ?? null;
  }
  return Math.min(nextMs, waiting.retryMs);
}
