import { randomBytes } from "node:crypto";
import { toTimestamp } from "../kit/clock.ts";
import { type Collection, collection, type Resource } from "../kit/collection.ts";
import { describedFields } from "../kit/collection-fields.ts";
import type { Place } from "../kit/collection-names.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { completeHttpTarget, type HttpTarget } from "./http-target.ts";
import { nextRun } from "./schedule.ts";

/** The descriptors of the API. */
export const PROTOS = "@google-cloud/scheduler/build/protos/protos.json";

/** Where a job publishes a message: google.cloud.scheduler.v1.PubsubTarget in JSON. */
type PubsubTarget = {
  readonly topicName?: string;
  /** Base64. */
  readonly data?: string;
  readonly attributes?: Readonly<Record<string, string>>;
};

/** What the owner of a job says: google.cloud.scheduler.v1.Job in JSON. Durations are such as `5s`. */
type Draft = {
  readonly description?: string;
  readonly schedule?: string;
  readonly timeZone?: string;
  readonly retryConfig?: object;
  readonly attemptDeadline?: string | undefined;
  readonly httpTarget?: HttpTarget | undefined;
  readonly pubsubTarget?: PubsubTarget | undefined;
};

type Own = {
  readonly state: "ENABLED" | "PAUSED";
  readonly userUpdateTime: string;
  /** The next time of the schedule; none while it is paused. */
  readonly scheduleTime?: string | undefined;
  readonly lastAttemptTime?: string;
  /** The google.rpc.Code of the last attempt. */
  readonly status?: { readonly code: number };
};

/** A job. */
export type Job = Resource<Draft, Own>;
/** The jobs. */
export type Jobs = Collection<Draft, Own>;

const DESCRIPTION_MAX = 500;
/** The maximum size of a job is 1 MB. Source: google/cloud/scheduler/v1/job.proto */
const JOB_BYTES_MAX = 1024 * 1024;
const DEADLINE_DEFAULT = "180s";
const DEADLINE_MIN_S = 15;
const DEADLINE_MAX_S = 30 * 60;

/** Nothing is tried again here, so that none of it has an effect. */
const RETRY_DEFAULTS = {
  maxRetryDuration: "0s",
  minBackoffDuration: "5s",
  maxBackoffDuration: "3600s",
  maxDoublings: 5,
};

/** The jobs, none at first. */
export function openJobs(): Jobs {
  return collection<Draft, Own>({
    type: "Job",
    pattern: "projects/*/locations/*/jobs/*",
    ids: {
      pattern: /^[\w-]{1,500}$/,
      rule: "the name of a job in the parent, whose id has letters, digits, - and _",
      make: () => String(randomBytes(8).readBigUInt64BE()),
      isInName: true,
    },
    permission: "cloudscheduler.jobs",
    verbs: ["list", "get", "create", "update", "delete"],
    fields: describedFields(PROTOS, "google.cloud.scheduler.v1.Job", {
      notEmulated: [
        "appEngineHttpTarget",
        "httpTarget.body",
        "httpTarget.headers",
        "httpTarget.oidcToken",
        "retryConfig.retryCount",
      ],
    }),
    pages: { defaultSize: 500, maxSize: 500 },
    refusals: {
      notFound: (name) => googleError("NOT_FOUND", `Job ${name} not found.`),
      taken: (name) => googleError("ALREADY_EXISTS", `Job ${name} already exists.`),
    },
    create: (draft, place) => ({ ...completeJob(draft, place), state: "ENABLED" }),
    update: (next, before, place) => {
      const changed = completeJob(withNewTarget(next, before), place);
      const isPaused = before.state === "PAUSED";
      return isPaused ? { ...changed, scheduleTime: undefined } : changed;
    },
  });
}

/** When a job is due next, in milliseconds since the epoch; null while it is paused. */
export function dueMs({ scheduleTime }: Pick<Job, "scheduleTime">): number | null {
  return scheduleTime === undefined ? null : Date.parse(scheduleTime);
}

/** The next time of a job's schedule after a time. */
export function nextTime({ schedule = "", timeZone = "UTC" }: Draft, afterMs: number): string {
  return toTimestamp(nextRun(schedule, timeZone, afterMs));
}

/** A new target of another kind takes the place of the one before. */
function withNewTarget(next: Job, before: Job): Draft {
  return next.httpTarget !== undefined && next.pubsubTarget !== undefined
    ? { ...next, [before.httpTarget === undefined ? "pubsubTarget" : "httpTarget"]: undefined }
    : next;
}

/**
 * Checks what a caller wants of a job and fills in the defaults.
 * Source: google/cloud/scheduler/v1/job.proto and target.proto
 * @throws GoogleError INVALID_ARGUMENT naming the field at fault; UNIMPLEMENTED for what is not covered.
 */
function completeJob(draft: Draft, { name, nowMs }: Place): Draft & Omit<Own, "state"> {
  const { schedule = "", timeZone = "UTC", description = "", retryConfig } = draft;
  if (Array.from(description).length > DESCRIPTION_MAX) {
    throw badRequest("job.description", `A description has at most ${DESCRIPTION_MAX} characters.`);
  }
  if (Buffer.byteLength(JSON.stringify(draft)) > JOB_BYTES_MAX) {
    throw badRequest("job", "The maximum size of a job is 1 MB.");
  }
  const scheduleTime = nextTime({ schedule, timeZone }, nowMs);
  return {
    schedule,
    timeZone,
    retryConfig: { ...RETRY_DEFAULTS, ...retryConfig },
    ...completeTarget(name, draft),
    userUpdateTime: toTimestamp(nowMs),
    scheduleTime,
  };
}

function completeTarget(name: string, draft: Draft): Draft {
  const { httpTarget, pubsubTarget, attemptDeadline = DEADLINE_DEFAULT } = draft;
  if (httpTarget !== undefined) {
    const seconds = parseFloat(attemptDeadline);
    if (seconds < DEADLINE_MIN_S || seconds > DEADLINE_MAX_S) {
      const range = `[${DEADLINE_MIN_S} s, ${DEADLINE_MAX_S} s]`;
      throw badRequest("job.attempt_deadline", `attempt_deadline must be in ${range}.`);
    }
    return { attemptDeadline, httpTarget: completeHttpTarget(httpTarget), pubsubTarget: undefined };
  }
  if (pubsubTarget === undefined) {
    throw badRequest("job.target", "Job must have a target.");
  }
  checkPubsubTarget(name, pubsubTarget);
  return { pubsubTarget, httpTarget: undefined, attemptDeadline: undefined };
}

function checkPubsubTarget(name: string, target: PubsubTarget): void {
  const { topicName = "", data = "", attributes = {} } = target;
  const project = /^projects\/([^/]+)\/topics\/[^/]+$/.exec(topicName)?.[1];
  if (project !== name.split("/")[1]) {
    throw badRequest(
      "job.pubsub_target.topic_name",
      `topic_name must be projects/PROJECT_ID/topics/TOPIC_ID in the project of the job, not "${topicName}".`,
    );
  }
  if (data === "" && Object.keys(attributes).length === 0) {
    throw badRequest(
      "job.pubsub_target",
      "A Pub/Sub message must contain either non-empty data, or at least one attribute.",
    );
  }
}
