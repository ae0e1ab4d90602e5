import { ingressContainer, isRunnable } from "./images.ts";
import type { RunningImage, TaskPlan } from "./state.ts";
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
  about: { readonly image: RunningImage; readonly attemptMs: number },
  startMs: number,
): readonly TaskPlan[] {
  const attempts = readAttempts(template, about);
  const { maxRetries } = template;
  const retries = Math.min(attempts.failing, maxRetries);
  const exitCode = attempts.failing > maxRetries ? attempts.exitCode : 0;
  const taskMs = (retries + 1) * attempts.attemptMs;
  // 0 at once means as many as there are.
  const slots = parallelism === 0 ? taskCount : parallelism;
  return Array.from({ length: taskCount }, (_, index) => {
    const begun = startMs + Math.floor(index / slots) * taskMs;
    return { startMs: begun, endMs: begun + taskMs, retries, exitCode };
  });
}

/** When an execution ends: with its last task, or with the first that fails for good. */
export function executionEnd(tasks: readonly TaskPlan[], startMs: number): number {
  const failed = tasks.filter(({ exitCode }) => exitCode !== 0).map(({ endMs }) => endMs);
  const all = tasks.map(({ endMs }) => endMs);
  return failed.length > 0 ? Math.min(...failed) : Math.max(startMs, ...all);
}

function readAttempts(
  template: TaskTemplate,
  about: { readonly image: RunningImage; readonly attemptMs: number },
): Attempts {
  const { labels, env } = about.image;
  const own = ingressContainer(template.containers).env ?? [];
  const value = (name: string): string | undefined =>
    own.find((variable) => variable.name === name)?.value ?? env[name];
  const seconds = Number(value(SECONDS_VARIABLE) ?? labels[SECONDS_LABEL] ?? Number.NaN);
  const attemptMs = seconds >= 0 ? seconds * 1000 : about.attemptMs;
  if (!isRunnable(about.image)) {
    return { failing: Infinity, exitCode: 1, attemptMs };
  }
  const timeoutMs = Number.parseFloat(template.timeout) * 1000;
  if (attemptMs > timeoutMs) {
    return { failing: Infinity, exitCode: null, attemptMs: timeoutMs };
  }
  return {
    ...readOutcome(value(OUTCOME_VARIABLE) ?? labels[OUTCOME_LABEL] ?? "succeed"),
    attemptMs,
  };
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
