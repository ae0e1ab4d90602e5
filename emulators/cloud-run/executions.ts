import { checked } from "../kit/checked.ts";
import { toTimestamp } from "../kit/clock.ts";
import { isBelow, uidFor } from "../kit/collection-names.ts";
import { googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { resolveImages, suffixFor } from "./images.ts";
import { beginOperation, endOperation } from "./long-running.ts";
import { idOf, placeOf } from "./names.ts";
import type { Container, EnvironmentVariable } from "./pod-spec.ts";
import { ExecutionTemplate } from "./spec.ts";
import type { CloudRun, Execution, Job } from "./state.ts";
import { executionEnd, planTasks } from "./task-plan.ts";

const SUFFIX_LENGTH = 5;

/**
 * How many executions of a job are kept at most.
 * Source: https://cloud.google.com/run/quotas
 */
const EXECUTIONS_MAX = 1000;

/** What one execution does differently from its job. */
type Overrides = {
  readonly containerOverrides?: readonly ContainerOverride[];
  readonly taskCount?: number;
  readonly timeout?: string;
};

type ContainerOverride = {
  readonly name?: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly clearArgs?: boolean;
};

/**
 * RunJob: starts an execution. The operation ends when the execution does, with an error if it fails
 * (unconfirmed); the execution itself says more.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs/run
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function runJob(
  run: CloudRun,
  request: { readonly name?: string; readonly overrides?: Overrides },
  nowMs: number,
): Operation {
  const job = run.jobs.find(request.name);
  const execution = startExecution(run, { job, overrides: request.overrides ?? {} }, nowMs);
  run.executions.records.set(execution.name, execution);
  forgetOldExecutions(run, job.name, nowMs);
  run.jobs.change(job, {
    executionCount: job.executionCount + 1,
    hidden: { ...job.hidden, latestExecution: execution.name },
  });
  return beginOperation(run, execution.name);
}

/**
 * CancelExecution: what runs is stopped, what waits does not start.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION when it is over
 */
export function cancelExecution(
  run: CloudRun,
  request: { readonly name?: string },
  nowMs: number,
): Operation {
  const execution = run.executions.find(request.name);
  const { name, hidden } = execution;
  if (hidden.endMs <= nowMs) {
    throw googleError("FAILED_PRECONDITION", `Execution '${idOf(name)}' is already completed.`);
  }
  const cancelled = run.executions.change(execution, {
    hidden: { ...hidden, endMs: nowMs, isCancelled: true },
  });
  const response = { ...run.executions.show(cancelled), name };
  return endOperation(run, { type: "Execution", response });
}

/** Of more than a job may keep, the oldest executions that are over are deleted. */
function forgetOldExecutions({ executions }: CloudRun, job: string, nowMs: number): void {
  const kept = [...executions.records.values()].filter(({ name }) => isBelow(name, job));
  const over = kept.filter(({ hidden }) => hidden.endMs <= nowMs);
  for (const { name } of over.slice(0, Math.max(0, kept.length - EXECUTIONS_MAX))) {
    executions.records.delete(name);
  }
}

function startExecution(
  run: CloudRun,
  { job, overrides }: { readonly job: Job; readonly overrides: Overrides },
  nowMs: number,
): Execution {
  const { template, ...execution } = overridden(job, overrides);
  const { own, containers, failure } = resolveImages(run.images, template.containers);
  const tasks =
    own === null || failure !== null
      ? []
      : planTasks({ template, ...execution }, { image: own, attemptMs: run.times.taskMs }, nowMs);
  const suffix = suffixFor(`${String(job["uid"])}/${job.executionCount}`, SUFFIX_LENGTH);
  const name = `${job.name}/executions/${idOf(job.name)}-${suffix}`;
  const createTime = toTimestamp(nowMs);
  return {
    ...execution,
    labels: { ...job.labels, ...execution.labels },
    name,
    uid: uidFor(`${name}@${createTime}`),
    generation: "1",
    createTime,
    startTime: createTime,
    launchStage: "GA",
    job: idOf(job.name),
    template: { ...template, containers },
    logUri: `https://console.cloud.google.com/logs/viewer?project=${placeOf(name).project}&advancedFilter=labels.%22run.googleapis.com%2Fexecution_name%22%3D%22${idOf(name)}%22`,
    hidden: { tasks, failure, endMs: executionEnd(tasks, nowMs), isCancelled: false },
  };
}

/**
 * A job's template with what one execution does differently.
 * @throws GoogleError INVALID_ARGUMENT when that may not be
 */
function overridden(
  { template: execution }: Job,
  { taskCount = execution.taskCount, timeout, containerOverrides = [] }: Overrides,
): ExecutionTemplate {
  const { template: task } = execution;
  const containers = task.containers.map((container) => {
    const own = containerOverrides.find(
      ({ name = "" }) =>
        name === (container.name ?? "") || (name === "" && task.containers.length === 1),
    );
    return own === undefined ? container : overrideContainer(container, own);
  });
  const template = { ...task, timeout: timeout ?? task.timeout, containers };
  return checked(ExecutionTemplate, { ...execution, taskCount, template }, "overrides");
}

function overrideContainer(container: Container, own: ContainerOverride): Container {
  const { env = [], args = [], clearArgs = false } = own;
  const replaced = new Set(env.map(({ name }) => name));
  const kept = (container.env ?? []).filter(({ name }) => !replaced.has(name));
  const next = { ...container, env: [...kept, ...env] };
  return args.length > 0 || clearArgs ? { ...next, args: [...args] } : next;
}
