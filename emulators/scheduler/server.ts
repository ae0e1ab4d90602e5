import { needs, type Rules } from "../kit/access/rules.ts";
import { realClock } from "../kit/clock.ts";
import { rulesOf, unaryOf } from "../kit/collection-methods.ts";
import { googleError } from "../kit/google-error.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { Publisher } from "../kit/publisher.ts";
import {
  type EmulatorOptions,
  operation,
  type RunningServer,
  serve,
  type Unary,
} from "../kit/server.ts";
import { startExecutor } from "./executor.ts";
import { dueMs, type Job, type Jobs, nextTime, openJobs, PROTOS } from "./jobs.ts";

/** How to start the emulator; everything may be left out. */
export type SchedulerOptions = EmulatorOptions & {
  /** Where jobs with a Pub/Sub target publish; without it their messages go nowhere. */
  readonly publisher?: Publisher | undefined;
};

/** The emulator while it runs. */
export type RunningScheduler = RunningServer & {
  /** Resolves when no request of a job is under way. */
  readonly idle: () => Promise<void>;
};

const PERSISTED_NAME = "scheduler";
/** Those kept as `Job` had bodies, headers and OIDC tokens, which would be forgotten. */
const KEPT_AS = "UriJob";
const SERVICE = "google.cloud.scheduler.v1.CloudScheduler";

/**
 * Starts an emulator of Cloud Scheduler on the loopback interface, for gRPC and REST. What was due
 * while a persisted one was down is not made up for.
 * Source: https://cloud.google.com/scheduler/docs/reference/rpc
 * @throws Error when the port is taken.
 */
export async function startScheduler(options: SchedulerOptions = {}): Promise<RunningScheduler> {
  const { clock = realClock(), publisher } = options;
  const jobs = openJobs();
  const state = keepMaps(options.persistence, PERSISTED_NAME, { [KEPT_AS]: jobs.records });
  skipMissed(jobs, clock.now());
  const { pace, force, idle, close } = startExecutor(jobs, { clock, publisher });
  const server = await serve({
    ...options,
    clock,
    state,
    pace,
    apis: [
      { protos: PROTOS, service: SERVICE, unary: { ...unaryOf([jobs]), ...actions(jobs, force) } },
    ],
    hasLocations: true,
    guard: { service: "cloudscheduler.googleapis.com", rules: rulesFor(jobs) },
  });
  return {
    ...server,
    idle,
    close: async () => {
      await close();
      await server.close();
    },
  };
}

/** The permission of each method. Source: https://cloud.google.com/scheduler/docs/access-control */
export function rulesFor(jobs: Jobs): Rules {
  return {
    ...rulesOf([jobs]),
    PauseJob: needs("cloudscheduler.jobs.pause", "name"),
    ResumeJob: needs("cloudscheduler.jobs.enable", "name"),
    RunJob: needs("cloudscheduler.jobs.run", "name"),
  };
}

function skipMissed(jobs: Jobs, nowMs: number): void {
  for (const job of jobs.records.values()) {
    if ((dueMs(job) ?? nowMs + 1) <= nowMs) {
      jobs.change(job, { scheduleTime: nextTime(job, nowMs) });
    }
  }
}

/** The methods that only jobs have. */
function actions(jobs: Jobs, force: (job: Job) => void): Readonly<Record<string, Unary>> {
  type ByName = { readonly name?: string };
  return {
    PauseJob: operation<ByName>(({ name }) => {
      const job = jobs.find(name);
      requireState(job, "ENABLED");
      return jobs.show(jobs.change(job, { state: "PAUSED", scheduleTime: undefined }));
    }),
    ResumeJob: operation<ByName>(({ name }, { clock }) => {
      const job = jobs.find(name);
      requireState(job, "PAUSED");
      const scheduleTime = nextTime(job, clock.now());
      return jobs.show(jobs.change(job, { state: "ENABLED", scheduleTime }));
    }),
    RunJob: operation<ByName>(({ name }) => {
      force(jobs.find(name));
      return jobs.show(jobs.find(name));
    }),
  };
}

function requireState({ name, state }: Job, wanted: Job["state"]): void {
  if (state !== wanted) {
    throw googleError("FAILED_PRECONDITION", `Job ${name} is ${state}, not ${wanted}.`);
  }
}
