import type { Clock, Timer } from "../kit/clock.ts";
import type { Publisher } from "../kit/publisher.ts";
import type { MintIdToken } from "../pubsub/id-token.ts";
import { backoffMs, mayRetry } from "./backoff.ts";
import { OK } from "./http-attempt.ts";
import { type Requests, startRequests } from "./requests.ts";
import { nextRun } from "./schedule.ts";
import {
  changeJob,
  dueTime,
  type Execution,
  type JobRecord,
  type PubsubTarget,
  type SchedulerState,
} from "./state.ts";

/** What runs jobs when they are due. */
export type Executor = {
  /** To be called after every change of the jobs: waits for what is due, stops what is deleted. */
  readonly settle: () => void;
  /** Runs a job now, even if it is running or paused. */
  readonly force: (name: string) => void;
  /** Resolves when no request is under way. */
  readonly idle: () => Promise<void>;
  /** Stops everything and waits until it has stopped. */
  readonly close: () => Promise<void>;
};

/** What an executor works with. */
export type ExecutorOptions = {
  readonly state: SchedulerState;
  readonly clock: Clock;
  readonly publisher: Publisher | undefined;
  readonly mintIdToken: MintIdToken | undefined;
};

type Engine = ExecutorOptions & {
  readonly requests: Requests;
  /** The requests of executions, by job; those of forced runs beside them are not here. */
  readonly running: Map<string, AbortController>;
  readonly settle: () => void;
};

/**
 * Runs the jobs of a state by the clock. One job never has two executions that the schedule started: a
 * time that comes while one is under way waits for its end, and a retry that is not due before the next
 * time of the schedule is given up.
 * Source: google/cloud/scheduler/v1/job.proto, Job.schedule and RetryConfig
 */
export function startExecutor(options: ExecutorOptions): Executor {
  const { state, clock, mintIdToken } = options;
  const timers = new Set<Timer>();
  let isClosed = false;
  const requests = startRequests(clock, mintIdToken);
  const engine: Engine = { ...options, requests, running: new Map(), settle };
  function settle(): void {
    for (const timer of timers) {
      timer.cancel();
    }
    timers.clear();
    stopDeleted(engine);
    for (const job of isClosed ? [] : state.jobs.values()) {
      const dueMs = dueTime(job);
      if (dueMs !== null) {
        timers.add(clock.at(dueMs, () => onDue(engine, job.name)));
      }
    }
  }
  return {
    settle,
    force: (name) => force(engine, name),
    idle: requests.idle,
    close: async () => {
      isClosed = true;
      settle();
      await requests.close();
    },
  };
}

function stopDeleted({ state, running }: Engine): void {
  for (const [name, controller] of running) {
    if (!state.jobs.has(name)) {
      controller.abort();
      running.delete(name);
    }
  }
}

function onDue(engine: Engine, name: string): void {
  const { state, clock, running } = engine;
  const job = state.jobs.get(name);
  const nowMs = clock.now();
  if (job === undefined) {
    return;
  }
  const { nextMs, waiting } = job;
  if (nextMs !== null && nextMs <= nowMs) {
    const isBusy = running.has(name);
    const delayedMs = isBusy ? (job.delayedMs ?? nextMs) : null;
    changeJob(state, job, { nextMs: nextRun(job.settings, nowMs), delayedMs });
    if (!isBusy) {
      begin(engine, name, { scheduledMs: nextMs, firstMs: nowMs, attempts: 0 });
    }
  } else if (waiting !== null && waiting.retryMs <= nowMs) {
    const { retryMs: _retryMs, ...execution } = waiting;
    begin(engine, name, execution);
  }
  engine.settle();
}

/** Begins an attempt of an execution. */
function begin(engine: Engine, name: string, before: Execution): void {
  const { state, clock, running, requests } = engine;
  const job = state.jobs.get(name);
  if (job === undefined) {
    return;
  }
  const { settings } = job;
  const execution = { ...before, attempts: before.attempts + 1 };
  changeJob(state, job, { lastAttemptMs: clock.now(), waiting: null });
  if (settings.pubsubTarget !== undefined) {
    publish(engine.publisher, settings.pubsubTarget);
    finish(engine, name, { execution, code: OK });
    return;
  }
  const { scheduledMs } = execution;
  const controller = requests.send({
    job: name,
    settings,
    scheduledMs,
    done: (code) => {
      if (running.get(name) === controller) {
        running.delete(name);
        finish(engine, name, { execution, code });
        engine.settle();
      }
    },
  });
  running.set(name, controller);
}

function finish(
  engine: Engine,
  name: string,
  { execution, code }: { readonly execution: Execution; readonly code: number },
): void {
  const { state, clock } = engine;
  const job = state.jobs.get(name);
  if (job === undefined) {
    return;
  }
  const { delayedMs } = job;
  const waiting = code === OK ? null : toWaiting(job, execution, clock.now());
  changeJob(state, job, { lastCode: code, waiting, delayedMs: null });
  if (delayedMs !== null) {
    begin(engine, name, { scheduledMs: delayedMs, firstMs: clock.now(), attempts: 0 });
  }
}

/** A forced run beside an execution is one attempt; otherwise it is an execution with its retries. */
function force(engine: Engine, name: string): void {
  const { state, clock, running, requests } = engine;
  const job = state.jobs.get(name);
  if (job === undefined) {
    return;
  }
  if (!running.has(name)) {
    begin(engine, name, { scheduledMs: job.nextMs, firstMs: clock.now(), attempts: 0 });
    engine.settle();
    return;
  }
  changeJob(state, job, { lastAttemptMs: clock.now() });
  requests.send({
    job: name,
    settings: job.settings,
    scheduledMs: job.nextMs,
    done: (code) => {
      const current = state.jobs.get(name);
      if (current !== undefined) {
        changeJob(state, current, { lastCode: code });
      }
    },
  });
}

/** When a failed execution is tried again; null when it is not. */
function toWaiting(job: JobRecord, execution: Execution, nowMs: number): JobRecord["waiting"] {
  const { retryConfig } = job.settings;
  const { attempts, firstMs } = execution;
  const retryMs = nowMs + backoffMs(retryConfig, attempts);
  const isInTime = job.delayedMs === null && retryMs < (job.nextMs ?? Number.POSITIVE_INFINITY);
  return isInTime && mayRetry(retryConfig, { attempts, elapsedMs: nowMs - firstMs })
    ? { ...execution, retryMs }
    : null;
}

function publish(
  publisher: Publisher | undefined,
  { topicName, data = "", attributes = {} }: PubsubTarget,
): void {
  publisher?.publish(topicName, { data: Buffer.from(data, "base64"), attributes });
}
