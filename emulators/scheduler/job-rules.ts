import { badRequest, googleError } from "../kit/google-error.ts";
import { checkDuration, toMs } from "./duration.ts";
import { completeHttpTarget, type HttpTargetInput } from "./http-rules.ts";
import { projectOf } from "./names.ts";
import { checkSchedule } from "./schedule.ts";
import type { JobSettings, PubsubTarget, RetryConfig } from "./state.ts";

/** What a caller sends as a job, as far as it may be set. */
export type JobInput = {
  readonly description?: string | undefined;
  readonly schedule?: string | undefined;
  readonly timeZone?: string | undefined;
  readonly retryConfig?: Partial<RetryConfig> | undefined;
  readonly attemptDeadline?: string | undefined;
  readonly httpTarget?: HttpTargetInput | undefined;
  readonly pubsubTarget?: Partial<PubsubTarget> | undefined;
  readonly appEngineHttpTarget?: object | undefined;
};

const DESCRIPTION_MAX = 500;
/** The maximum size of a job is 1 MB. Source: google/cloud/scheduler/v1/job.proto */
const JOB_BYTES_MAX = 1024 * 1024;
const RETRIES_MAX = 5;
const DEADLINE_DEFAULT = "180s";
const DEADLINE_RANGE = { minMs: 15_000, maxMs: 30 * 60_000 };
const FOREVER = { minMs: 0, maxMs: Number.POSITIVE_INFINITY };
const SHORTEST = { minMs: 1, maxMs: Number.POSITIVE_INFINITY };
const TOPIC = /^projects\/([^/]+)\/topics\/[^/]+$/;

const RETRY_DEFAULTS: RetryConfig = {
  retryCount: 0,
  maxRetryDuration: "0s",
  minBackoffDuration: "5s",
  maxBackoffDuration: "3600s",
  maxDoublings: 5,
};

/**
 * Checks what a caller wants of a job and fills in the defaults.
 * Source: google/cloud/scheduler/v1/job.proto and target.proto
 * @throws GoogleError INVALID_ARGUMENT naming the field at fault; UNIMPLEMENTED for what is not covered.
 */
export function completeJob(name: string, input: JobInput, nowMs: number): JobSettings {
  const { description, schedule = "", timeZone = "UTC" } = input;
  checkSizes(input);
  checkSchedule({ schedule, timeZone }, nowMs);
  return {
    ...(description === undefined ? {} : { description }),
    schedule,
    timeZone,
    retryConfig: completeRetry(input.retryConfig ?? {}),
    ...completeTarget(name, input),
  };
}

function checkSizes(input: JobInput): void {
  if (Array.from(input.description ?? "").length > DESCRIPTION_MAX) {
    throw badRequest("job.description", `A description has at most ${DESCRIPTION_MAX} characters.`);
  }
  if (Buffer.byteLength(JSON.stringify(input)) > JOB_BYTES_MAX) {
    throw badRequest("job", "The maximum size of a job is 1 MB.");
  }
}

function completeTarget(
  name: string,
  { httpTarget, pubsubTarget, appEngineHttpTarget, attemptDeadline }: JobInput,
): Pick<JobSettings, "httpTarget" | "pubsubTarget" | "attemptDeadline"> {
  if (appEngineHttpTarget !== undefined) {
    throw googleError("UNIMPLEMENTED", "This emulator does not cover Job.app_engine_http_target");
  }
  if (httpTarget !== undefined) {
    const deadline = attemptDeadline ?? DEADLINE_DEFAULT;
    checkDuration("job.attempt_deadline", deadline, DEADLINE_RANGE);
    return { attemptDeadline: deadline, httpTarget: completeHttpTarget(httpTarget) };
  }
  if (pubsubTarget === undefined) {
    throw badRequest("job.target", "Job must have a target.");
  }
  return { pubsubTarget: completePubsubTarget(name, pubsubTarget) };
}

function completeRetry(input: Partial<RetryConfig>): RetryConfig {
  const retry = { ...RETRY_DEFAULTS, ...input };
  if (retry.retryCount < 0 || retry.retryCount > RETRIES_MAX) {
    throw badRequest(
      "job.retry_config.retry_count",
      `retry_count must be between 0 and ${RETRIES_MAX}.`,
    );
  }
  if (retry.maxDoublings < 0) {
    throw badRequest("job.retry_config.max_doublings", "max_doublings must not be negative.");
  }
  checkDuration("job.retry_config.max_retry_duration", retry.maxRetryDuration, FOREVER);
  checkDuration("job.retry_config.min_backoff_duration", retry.minBackoffDuration, SHORTEST);
  if (toMs(retry.maxBackoffDuration) < toMs(retry.minBackoffDuration)) {
    throw badRequest(
      "job.retry_config.max_backoff_duration",
      "max_backoff_duration must not be less than min_backoff_duration.",
    );
  }
  return retry;
}

function completePubsubTarget(name: string, target: Partial<PubsubTarget>): PubsubTarget {
  const { topicName = "", data = "", attributes = {} } = target;
  const project = TOPIC.exec(topicName)?.[1];
  if (project === undefined) {
    throw badRequest(
      "job.pubsub_target.topic_name",
      `topic_name must be projects/PROJECT_ID/topics/TOPIC_ID, not "${topicName}".`,
    );
  }
  if (project !== projectOf(name)) {
    throw badRequest(
      "job.pubsub_target.topic_name",
      `The topic must be in the project of the job, not in "${project}".`,
    );
  }
  if (data === "" && Object.keys(attributes).length === 0) {
    throw badRequest(
      "job.pubsub_target",
      "A Pub/Sub message must contain either non-empty data, or at least one attribute.",
    );
  }
  return { topicName, data, attributes };
}
