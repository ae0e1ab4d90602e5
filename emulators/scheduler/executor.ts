import { type Clock, toTimestamp } from "../kit/clock.ts";
import { type Due, keepDues, type Pace } from "../kit/pace.ts";
import type { Publisher } from "../kit/publisher.ts";
import type { MintIdToken } from "../pubsub/id-token.ts";
import { OK, sendHttp } from "./http-target.ts";
import { dueMs, type Job, type Jobs, nextTime } from "./jobs.ts";

/** What runs jobs when they are due. */
export type Executor = {
  readonly pace: Pace;
  /** Runs a job now, even if it is running or paused. */
  readonly force: (job: Job) => void;
  /** Resolves when no request is under way. */
  readonly idle: () => Promise<void>;
  /** Cuts off what is under way and waits until it has ended. */
  readonly close: () => Promise<void>;
};

/** What an executor works with. */
export type ExecutorOptions = {
  readonly clock: Clock;
  readonly publisher: Publisher | undefined;
  readonly mintIdToken: MintIdToken | undefined;
};

/**
 * Runs jobs by the clock. One job never has two executions that the schedule started: a time that comes while one is
 * under way waits for its end.
 * Source: google/cloud/scheduler/v1/job.proto, Job.schedule
 */
export function startExecutor(jobs: Jobs, options: ExecutorOptions): Executor {
  const { clock, publisher } = options;
  let isClosed = false;
  const requests = openRequests(options, (name, code) => {
    const job = jobs.records.get(name);
    if (!isClosed && job !== undefined) {
      jobs.change(job, { status: { code } });
      pace.advance();
    }
  });
  const pace = keepDues(clock, function* dues(): Generator<Due> {
    for (const job of isClosed ? [] : jobs.records.values()) {
      const atMs = dueMs(job);
      if (atMs !== null && !requests.isBusy(job.name)) {
        yield { atMs, happen: () => onTime(job) };
      }
    }
  });

  function onTime(job: Job): void {
    jobs.change(job, { scheduleTime: nextTime(job, clock.now()) });
    attempt(job, false);
  }

  /** One attempt under the time that the job was to run next. */
  function attempt(job: Job, isForced: boolean): void {
    const { name, pubsubTarget } = job;
    const lastAttemptTime = toTimestamp(clock.now());
    if (pubsubTarget === undefined) {
      jobs.change(jobs.find(name), { lastAttemptTime });
      requests.send(job, isForced);
      return;
    }
    const { topicName = "", data = "", attributes = {} } = pubsubTarget;
    publisher?.publish(topicName, { data: Buffer.from(data, "base64"), attributes });
    jobs.change(jobs.find(name), { lastAttemptTime, status: { code: OK } });
  }

  return {
    pace: {
      ...pace,
      advance: () => {
        requests.stop((name) => !jobs.records.has(name));
        pace.advance();
      },
    },
    force: (job) => attempt(job, true),
    idle: requests.idle,
    close: async () => {
      isClosed = true;
      requests.stop(() => true);
      await requests.idle();
    },
  };
}

/** The requests that are under way. */
type Requests = {
  /** Sends a job's request, which ends at the latest with its deadline. */
  readonly send: (job: Job, isForced: boolean) => void;
  /** Whether one is under way that was not forced. */
  readonly isBusy: (name: string) => boolean;
  readonly stop: (isMeant: (name: string) => boolean) => void;
  readonly idle: () => Promise<void>;
};

function openRequests(
  { clock, mintIdToken }: ExecutorOptions,
  done: (name: string, code: number) => void,
): Requests {
  type Request = { readonly name: string; readonly isForced: boolean };
  const busy = new Map<Request, { readonly stop: () => void; readonly ended: Promise<void> }>();
  async function run(request: Request, job: Job, controller: AbortController): Promise<void> {
    const { name, httpTarget = {}, attemptDeadline = "0s", scheduleTime } = job;
    const deadlineMs = clock.now() + parseFloat(attemptDeadline) * 1000;
    const deadline = clock.at(deadlineMs, () => controller.abort());
    const { signal } = controller;
    const code = await sendHttp(httpTarget, { name, scheduleTime, signal, mintIdToken });
    deadline.cancel();
    busy.delete(request);
    done(name, code);
  }
  return {
    send: (job, isForced) => {
      const request = { name: job.name, isForced };
      const controller = new AbortController();
      const ended = run(request, job, controller);
      busy.set(request, { ended, stop: () => controller.abort() });
    },
    isBusy: (name) => [...busy.keys()].some((one) => one.name === name && !one.isForced),
    stop: (isMeant) => {
      for (const [{ name }, { stop }] of busy) {
        if (isMeant(name)) {
          stop();
        }
      }
    },
    idle: async () => {
      while (busy.size > 0) {
        await Promise.all([...busy.values()].map(({ ended }) => ended));
      }
    },
  };
}
