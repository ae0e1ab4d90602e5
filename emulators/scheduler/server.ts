import { realClock } from "../kit/clock.ts";
import { keepMaps } from "../kit/kept-maps.ts";
import type { Publisher } from "../kit/publisher.ts";
import {
  type EmulatorOptions,
  type Api,
  operation,
  type RunningServer,
  serve,
  type Unary,
} from "../kit/server.ts";
import type { MintIdToken } from "../pubsub/id-token.ts";
import { RULES } from "./access-rules.ts";
import { type Executor, startExecutor } from "./executor.ts";
import { checkJobName } from "./names.ts";
import {
  createJob,
  deleteJob,
  getJob,
  listJobs,
  pauseJob,
  resumeJob,
  updateJob,
} from "./operations.ts";
import { nextRun } from "./schedule.ts";
import { changeJob, emptyState, requireJob, type SchedulerState, toJobView } from "./state.ts";

/** How to start the emulator; everything may be left out. */
export type SchedulerOptions = EmulatorOptions & {
  /** Where jobs with a Pub/Sub target publish; without it their messages go nowhere. */
  readonly publisher?: Publisher | undefined;
  /** Makes the tokens of jobs that ask for one; without it their attempts fail. */
  readonly mintIdToken?: MintIdToken | undefined;
};

/** The emulator while it runs. */
export type RunningScheduler = RunningServer & {
  /** Resolves when no request of a job is under way. */
  readonly idle: () => Promise<void>;
};

const PERSISTED_NAME = "scheduler";
const PROTOS = "@google-cloud/scheduler/build/protos/protos.json";
const SERVICE = "google.cloud.scheduler.v1.CloudScheduler";

/**
 * Starts an emulator of Cloud Scheduler on the loopback interface, for gRPC and REST. What was due
 * while a persisted one was down is not made up for.
 * Source: https://cloud.google.com/scheduler/docs/reference/rpc
 * @throws Error when the port is taken.
 */
export async function startScheduler(options: SchedulerOptions = {}): Promise<RunningScheduler> {
  const { clock = realClock(), publisher, mintIdToken } = options;
  const state = keepMaps(options.persistence, PERSISTED_NAME, emptyState());
  skipMissed(state, clock.now());
  const executor = startExecutor({
    state,
    clock,
    publisher,
    mintIdToken,
  });
  const server = await serve({
    ...options,
    clock,
    apis: [toApi(state, executor)],
    hasLocations: true,
    guard: { service: "cloudscheduler.googleapis.com", rules: RULES },
  });
  executor.settle();
  return {
    ...server,
    idle: executor.idle,
    reset: () => {
      state.jobs.clear();
      executor.settle();
    },
    close: async () => {
      await executor.close();
      await server.close();
    },
  };
}

function skipMissed(state: SchedulerState, nowMs: number): void {
  for (const job of state.jobs.values()) {
    if (job.nextMs !== null && job.nextMs <= nowMs) {
      changeJob(state, job, {
        nextMs: nextRun(job.settings, nowMs),
        waiting: null,
        delayedMs: null,
      });
    }
  }
}

function toApi(state: SchedulerState, executor: Executor): Api {
  type Run<Request> = (state: SchedulerState, request: Request, nowMs: number) => unknown;
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each operation has its own request
  function reading<Request extends object>(run: Run<Request>): Unary {
    return operation<Request>((request, call) => run(state, request, call.clock.now()));
  }
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each operation has its own request
  function changing<Request extends object>(run: Run<Request>): Unary {
    return operation<Request>((request, call) => {
      const answer = run(state, request, call.clock.now());
      executor.settle();
      return answer;
    });
  }
  const unary = {
    ListJobs: reading(listJobs),
    GetJob: reading(getJob),
    CreateJob: changing(createJob),
    UpdateJob: changing(updateJob),
    DeleteJob: changing(deleteJob),
    PauseJob: changing(pauseJob),
    ResumeJob: changing(resumeJob),
    RunJob: operation<{ name?: string }>((request) => {
      const { name } = requireJob(state, checkJobName(request.name));
      executor.force(name);
      return toJobView(requireJob(state, name));
    }),
  };
  return { protos: PROTOS, service: SERVICE, unary };
}
