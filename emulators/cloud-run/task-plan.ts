import { isRunnable, variableOf } from "./images.ts";
import type { Execution, RunningImage, TaskPlan } from "./state.ts";
import type { ExecutionTemplate, TaskTemplate } from "./spec.ts";

/** The label of an image that decides how its tasks end: `succeed`, `fail`, `fail:3`, `fail-first`. */
const OUTCOME_LABEL = "dev.slipway.emulator.job";
/** The label of an image that says how many seconds one attempt of its tasks takes. */
const SECONDS_LABEL = "dev.slipway.emulator.job-seconds";
/** The environment variable that wins over `OUTCOME_LABEL`; an execution's overrides can set it. */
const OUTCOME_VARIABLE = "SLIPWAY_EMULATOR_JOB";
/** The environment variable that wins over `SECONDS_LABEL`. */
const SECONDS_VARIABLE = "SLIPWAY_EMULATOR_JOB_SECONDS";

type Attempts = {
  /** How many attempts fail before one succeeds. */
  readonly failing: number;
  readonly exitCode: number | null;
  readonly attemptMs: number;
};

/**
 * Plans the tasks of an execution: what its image and environment say decides how each attempt ends;
 * a failed one is tried again up to the template's limit.
 * Source: https://cloud.google.com/run/docs/configuring/max-retries
 */
export function planTasks(
  { template, taskCount, parallelism = 0 }: ExecutionTemplate,
  image: RunningImage,
  usualMs: number,
): TaskPlan {
  const { failing, exitCode, attemptMs } = readAttempts(template, image, usualMs);
  const { maxRetries } = template;
  const retries = Math.min(failing, maxRetries);
  return {
    // 0 at once means as many as there are.
    slots: parallelism === 0 ? taskCount : parallelism,
    taskMs: (retries + 1) * attemptMs,
    retries,
    exitCode: failing > maxRetries ? exitCode : 0,
  };
}

/** How long an execution takes: until its last task ends, or the first that fails for good. */
export function lastingMs({ slots, taskMs, exitCode }: TaskPlan, taskCount: number): number {
  return exitCode === 0 ? Math.ceil(taskCount / slots) * taskMs : taskMs;
}

/** How many tasks are where at a moment. What an execution that has ended leaves unfinished is cancelled. */
export function countTasks(
  { createTime, taskCount, hidden: { plan, endMs } }: Execution,
  nowMs: number,
): object {
  const counts = {
    runningCount: 0,
    succeededCount: 0,
    failedCount: 0,
    cancelledCount: 0,
    retriedCount: 0,
  };
  if (plan === null) {
    return counts;
  }
  const { slots, taskMs, exitCode, retries } = plan;
  for (let index = 0; index < taskCount; index += 1) {
    const startMs = Date.parse(createTime) + Math.floor(index / slots) * taskMs;
    if (startMs + taskMs <= Math.min(nowMs, endMs)) {
      counts[exitCode === 0 ? "succeededCount" : "failedCount"] += 1;
      counts.retriedCount += retries > 0 ? 1 : 0;
    } else if (nowMs >= endMs) {
      counts.cancelledCount += 1;
    } else if (nowMs >= startMs) {
      counts.runningCount += 1;
    }
  }
  return counts;
}

function readAttempts(template: TaskTemplate, image: RunningImage, usualMs: number): Attempts {
  const { labels } = image.config;
  const value = (name: string): string | undefined => variableOf(template.containers, image, name);
  const seconds = Number(value(SECONDS_VARIABLE) ?? labels[SECONDS_LABEL] ?? Number.NaN);
  const attemptMs = seconds >= 0 ? seconds * 1000 : usualMs;
  if (!isRunnable(image)) {
    return { failing: Infinity, exitCode: 1, attemptMs };
  }
  const timeoutMs = Number.parseFloat(template.timeout) * 1000;
  if (attemptMs > timeoutMs) {
    return { failing: Infinity, exitCode: null, attemptMs: timeoutMs };
  }
  const outcome = value(OUTCOME_VARIABLE) ?? labels[OUTCOME_LABEL] ?? "succeed";
  return { ...readOutcome(outcome), attemptMs };
}

function readOutcome(text: string): Pick<Attempts, "failing" | "exitCode"> {
  if (text === "fail-first") {
    return { failing: 1, exitCode: 1 };
  }
  const failure = /^fail(?::(\d+))?$/.exec(text);
  return failure === null
    ? { failing: 0, exitCode: 0 }
    : { failing: Infinity, exitCode: Number(failure[1] ?? 1) };
}
