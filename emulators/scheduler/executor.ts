import { type Clock, toTimestamp } from "../kit/clock.ts";
import { type Due, keepDues, type Pace } from "../kit/pace.ts";
import type { Publisher } from "../kit/publisher.ts";
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

/** Why a job runs: for a time of its schedule, or because somebody asked. */
type Run = { readonly scheduleTime: string | undefined; readonly isForced: boolean };

/**
 * Runs jobs by the clock. One job never has two executions that the schedule started: a time that comes while one is
 * under way waits for its end.
 * Source: google/cloud/scheduler/v1/job.proto, Job.schedule
 */
export function startExecutor(
  jobs: Jobs,
  { clock, publisher }: { readonly clock: Clock; readonly publisher: Publisher | undefined },
): Executor {
  const closing = new AbortController();
  /** The requests that are under way, each with the job whose schedule it was; null where somebody forced it. */
  const underWay = new Map<Promise<void>, string | null>();
  const pace = keepDues(clock, function* dues(): Generator<Due> {
    const busy = new Set(underWay.values());
    for (const job of closing.signal.aborted ? [] : jobs.records.values()) {
      const atMs = dueMs(job);
      if (atMs !== null && !busy.has(job.name)) {
        yield { atMs, happen: () => onTime(job) };
      }
    }
  });

  function onTime(job: Job): void {
    const next = jobs.change(job, { scheduleTime: nextTime(job, clock.now()) });
    attempt(next, { scheduleTime: job.scheduleTime, isForced: false });
  }

  /** One attempt under the time that the job was to run next. */
  function attempt(job: Job, { scheduleTime, isForced }: Run): void {
    const { pubsubTarget } = job;
    const tried = jobs.change(job, { lastAttemptTime: toTimestamp(clock.now()) });
    if (pubsubTarget === undefined) {
      const work = request(tried, scheduleTime).finally(() => {
        underWay.delete(work);
        pace.advance();
      });
      underWay.set(work, isForced ? null : job.name);
      return;
    }
    const { topicName = "", data = "", attributes = {} } = pubsubTarget;
    publisher?.publish(topicName, { data: Buffer.from(data, "base64"), attributes });
    jobs.change(tried, { status: { code: OK } });
  }

  async function request(job: Job, scheduleTime: string | undefined): Promise<void> {
    const code = await send(job, scheduleTime, { clock, closing: closing.signal });
    const current = jobs.records.get(job.name);
    if (!closing.signal.aborted && current !== undefined) {
      jobs.change(current, { status: { code } });
    }
  }
  return {
    pace,
    force: (job) => attempt(job, { scheduleTime: job.scheduleTime, isForced: true }),
    idle: async () => endOf(underWay),
    close: async () => {
      closing.abort();
      await endOf(underWay);
    },
  };
}

/** Sends a job's request, which ends at the latest with its deadline, and says how it ended. */
async function send(
  { name, httpTarget = {}, attemptDeadline = "0s" }: Job,
  scheduleTime: string | undefined,
  { clock, closing }: { readonly clock: Clock; readonly closing: AbortSignal },
): Promise<number> {
  const late = new AbortController();
  const deadline = clock.at(clock.now() + parseFloat(attemptDeadline) * 1000, () => late.abort());
  const signal = AbortSignal.any([late.signal, closing]);
  const code = await sendHttp(httpTarget, { name, scheduleTime, signal });
  deadline.cancel();
  return code;
}

async function endOf(underWay: ReadonlyMap<Promise<void>, unknown>): Promise<void> {
  while (underWay.size > 0) {
    await Promise.all(underWay.keys());
  }
}
