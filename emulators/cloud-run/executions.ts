import { checked } from "../kit/checked.ts";
import { toTimestamp } from "../kit/clock.ts";
import { isBelow, uidFor, idOf } from "../kit/collection-names.ts";
import { googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { conditionOf } from "./conditions.ts";
import { resolveImages, suffixFor } from "./images.ts";
import { beginOperation, endOperation } from "./long-running.ts";
import { placeOf } from "./names.ts";
import type { Container, EnvironmentVariable } from "./pod-spec.ts";
import { ExecutionTemplate } from "./spec.ts";
import {
  type CloudRun,
  type Execution,
  type Failure,
  forgetOldest,
  type Job,
  type TaskPlan,
} from "./state.ts";
import { countTasks, lastingMs, planTasks } from "./task-plan.ts";

const SUFFIX_LENGTH = 5;

/**
 * How many executions of a job are kept at most.
 * Source: https://cloud.google.com/run/quotas
 */
const EXECUTIONS_MAX = 1000;

/** Why an execution failed that somebody cancelled. */
const CANCELLED: Failure = {
  status: "CANCELLED",
  reason: "CANCELLED",
  message: "The execution was cancelled.",
};

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
  const kept = [...run.executions.records.values()].filter(({ name }) => isBelow(name, job.name));
  const over = kept.filter(({ hidden }) => hidden.endMs <= nowMs);
  forgetOldest(run.executions, over, kept.length - EXECUTIONS_MAX);
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
    hidden: { ...hidden, endMs: nowMs, failure: CANCELLED },
  });
  const response = { ...run.executions.show(cancelled), name };
  return endOperation(run, { type: "Execution", response });
}

function startExecution(
  run: CloudRun,
  { job, overrides }: { readonly job: Job; readonly overrides: Overrides },
  nowMs: number,
): Execution {
  const execution = overridden(job, overrides);
  const { template, taskCount } = execution;
  const { own, containers, failure } = resolveImages(run.images, template.containers);
  const suffix = suffixFor(`${String(job["uid"])}/${job.executionCount}`, SUFFIX_LENGTH);
  const id = `${idOf(job.name)}-${suffix}`;
  const name = `${job.name}/executions/${id}`;
  const createTime = toTimestamp(nowMs);
  const plan =
    own === null || failure !== null ? null : planTasks(execution, own, run.times.taskMs);
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
    logUri: `https://console.cloud.google.com/logs/viewer?project=${placeOf(name).project}&advancedFilter=labels.%22run.googleapis.com%2Fexecution_name%22%3D%22${id}%22`,
    hidden: {
      plan,
      endMs: plan === null ? nowMs : nowMs + lastingMs(plan, taskCount),
      failure: plan === null ? failure : failureOf(plan, id),
    },
  };
}

/** Why an execution fails by its own tasks: all are alike, so the first is the one that says it. */
function failureOf({ exitCode }: TaskPlan, id: string): Failure | null {
  if (exitCode === 0) {
    return null;
  }
  const [reason, what] =
    exitCode === null
      ? ["PROGRESS_DEADLINE_EXCEEDED", "The configured timeout was reached."]
      : ["NON_ZERO_EXIT_CODE", "The container exited with an error."];
  const message = `Task ${id}-task0 failed with message: ${what}`;
  return { status: "ABORTED", reason, message };
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

/**
 * An execution as the API answers it.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions
 */
export function executionView(run: CloudRun, execution: Execution): object {
  const nowMs = run.now();
  const { plan, failure, endMs } = execution.hidden;
  const isUnderWay = nowMs < endMs;
  const createMs = Date.parse(execution.createTime);
  const timeMs = isUnderWay ? createMs : endMs;
  const start = { isUnderWay: false, failure: plan === null ? failure : null, timeMs: createMs };
  return {
    ...execution,
    ...countTasks(execution, nowMs),
    ...(isUnderWay ? {} : { observedGeneration: "1", completionTime: toTimestamp(endMs) }),
    updateTime: toTimestamp(timeMs),
    reconciling: isUnderWay,
    conditions: [
      conditionOf("Completed", { isUnderWay, failure, timeMs }),
      ...["ResourcesAvailable", "ContainerReady", "Started"].map((type) =>
        conditionOf(type, start),
      ),
    ],
  };
}
