import { toTimestamp } from "../kit/clock.ts";
import { googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { type PageRequest, paginate } from "../kit/page.ts";
import { executionView, taskView } from "./execution-view.ts";
import { suffixFor } from "./identity.ts";
import { ingressContainer, resolveImage } from "./image-reference.ts";
import type { ExecutionRecord, ExecutionTemplate, JobRecord } from "./job-records.ts";
import { checkTaskCount, checkTimeout } from "./job-spec.ts";
import { beginOperation, finishedOperation } from "./long-running.ts";
import { checkName, idOf, isChildOf } from "./names.ts";
import { checkJobEtag, findJob, JOB_NAME } from "./operations-jobs.ts";
import { refuseImage } from "./runnable.ts";
import { present } from "./present.ts";
import type { CloudRun } from "./state.ts";
import { executionEnd, type ExecutionShape, planTasks } from "./task-plan.ts";
import type { Container, EnvironmentVariable } from "./wire.ts";

const PAGE_LIMITS = { defaultSize: 100, maxSize: 1000 };
const EXECUTION_NAME = `${JOB_NAME}/executions/*`;
const SUFFIX_LENGTH = 5;

/**
 * How many executions of a job are kept at most.
 * Source: https://cloud.google.com/run/quotas
 */
const EXECUTIONS_MAX = 1000;

/** What one execution does differently from its job. */
type Overrides = {
  readonly containerOverrides?: readonly {
    readonly name?: string;
    readonly args?: readonly string[];
    readonly env?: readonly EnvironmentVariable[];
    readonly clearArgs?: boolean;
  }[];
  readonly taskCount?: number;
  readonly timeout?: string;
};

type ByName = {
  readonly name?: string;
  readonly validateOnly?: boolean;
  readonly etag?: string;
};

/**
 * RunJob: starts an execution. The operation ends when the execution does, with an error if it fails
 * (unconfirmed); the execution itself says more.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs/run
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ABORTED for an etag that is out of date
 */
export function runJob(
  run: CloudRun,
  request: ByName & { readonly overrides?: Overrides },
  now: number,
): Operation {
  const job = findJob(run, request.name);
  checkJobEtag(job, request.etag);
  const shape = shapeOf(job.spec.template ?? {}, request.overrides ?? {});
  const execution = startExecution(run, { job, shape }, now);
  if (request.validateOnly === true) {
    const response = executionView(execution, now);
    const about = { target: execution.name, kind: "Execution", response, stored: false } as const;
    return finishedOperation(run, about, now);
  }
  run.state.executions.set(execution.name, execution);
  forgetOldExecutions(run, job.name, now);
  run.state.jobs.set(job.name, {
    ...job,
    executionCount: job.executionCount + 1,
    latestExecution: execution.name,
  });
  return beginOperation(run, execution.name, now);
}

/**
 * GetExecution.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function getExecution(run: CloudRun, request: ByName, now: number): object {
  return executionView(findExecution(run, request.name), now);
}

/** ListExecutions of a job, or with `jobs/-` of all: newest first. */
export function listExecutions(
  run: CloudRun,
  request: PageRequest & { readonly parent?: string },
  now: number,
): { readonly executions: readonly object[]; readonly nextPageToken: string } {
  const parent = checkName(request.parent, JOB_NAME);
  const found = [...run.state.executions.values()].filter(({ name }) => isChildOf(name, parent));
  const page = paginate(found.toReversed(), request, PAGE_LIMITS);
  return {
    executions: page.items.map((execution) => executionView(execution, now)),
    nextPageToken: page.nextPageToken,
  };
}

/**
 * CancelExecution: what runs is stopped, what waits does not start.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION when it is over
 */
export function cancelExecution(run: CloudRun, request: ByName, now: number): Operation {
  const execution = findExecution(run, request.name);
  const target = execution.name;
  if (execution.endTime <= now) {
    throw googleError("FAILED_PRECONDITION", `Execution '${idOf(target)}' is already completed.`);
  }
  const stored = request.validateOnly !== true;
  const cancelled = { ...execution, endTime: now, cancelled: true };
  if (stored) {
    run.state.executions.set(target, cancelled);
  }
  const response = executionView(stored ? cancelled : execution, now);
  return finishedOperation(run, { target, kind: "Execution", response, stored }, now);
}

/**
 * DeleteExecution: one that runs is stopped.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function deleteExecution(run: CloudRun, request: ByName, now: number): Operation {
  const execution = findExecution(run, request.name);
  const target = execution.name;
  const stored = request.validateOnly !== true;
  if (stored) {
    run.state.executions.delete(target);
  }
  const response = { ...executionView(execution, now), deleteTime: toTimestamp(now) };
  return finishedOperation(run, { target, kind: "Execution", response, stored }, now);
}

/**
 * GetTask.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function getTask(run: CloudRun, request: ByName, now: number): object {
  const name = checkName(request.name, `${EXECUTION_NAME}/tasks/*`);
  const execution = findExecution(run, name.split("/tasks/")[0]);
  const index = Number(/-task(\d+)$/.exec(name)?.[1] ?? Number.NaN);
  const view = taskView(execution, index, now);
  if (view === null || idOf(name) !== `${idOf(execution.name)}-task${index}`) {
    throw googleError("NOT_FOUND", `Resource '${idOf(name)}' of kind 'TASK' does not exist.`);
  }
  return view;
}

/** ListTasks of an execution; `-` stands for any job or execution. */
export function listTasks(
  run: CloudRun,
  request: PageRequest & { readonly parent?: string },
  now: number,
): { readonly tasks: readonly object[]; readonly nextPageToken: string } {
  const parent = checkName(request.parent, EXECUTION_NAME);
  const found = [...run.state.executions.values()]
    .filter(({ name }) => isChildOf(`${name}/tasks`, parent))
    .flatMap((execution) =>
      execution.tasks.map((_, index) => taskView(execution, index, now) ?? {}),
    );
  const page = paginate(found, request, PAGE_LIMITS);
  return { tasks: page.items, nextPageToken: page.nextPageToken };
}

/** Of more than a job may keep, the oldest executions that are over are deleted. */
function forgetOldExecutions(run: CloudRun, job: string, now: number): void {
  const names = [...run.state.executions.values()].filter(({ name }) => isChildOf(name, job));
  const over = names.filter(({ endTime }) => endTime <= now);
  for (const { name } of over.slice(0, Math.max(0, names.length - EXECUTIONS_MAX))) {
    run.state.executions.delete(name);
  }
}

/**
 * An execution by its name; the job in it may be `-`.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND
 */
export function findExecution(run: CloudRun, name: string | undefined): ExecutionRecord {
  const execution = run.state.executions.get(checkName(name, EXECUTION_NAME));
  if (execution === undefined) {
    throw googleError(
      "NOT_FOUND",
      `Resource '${idOf(name ?? "")}' of kind 'EXECUTION' does not exist.`,
    );
  }
  return execution;
}

function startExecution(
  run: CloudRun,
  { job, shape }: { readonly job: JobRecord; readonly shape: ExecutionShape },
  now: number,
): ExecutionRecord {
  const suffix = suffixFor(`${job.uid}/${job.executionCount}`, SUFFIX_LENGTH);
  const containers = shape.template.containers ?? [];
  const images = containers.map(({ image = "" }) => resolveImage(run.images, image));
  const image = images[containers.indexOf(ingressContainer(containers))] ?? null;
  const failures = containers.map((container, index) =>
    refuseImage(container.image ?? "", images[index] ?? null),
  );
  const failure = failures.find((one) => one !== null) ?? null;
  const tasks =
    image === null || failure !== null
      ? []
      : planTasks(shape, { image, attemptMs: run.taskMs }, now);
  return {
    name: `${job.name}/executions/${idOf(job.name)}-${suffix}`,
    job: idOf(job.name),
    jobGeneration: job.generation,
    createTime: now,
    labels: { ...job.spec.labels, ...job.spec.template?.labels },
    annotations: { ...job.spec.template?.annotations },
    template: {
      ...shape.template,
      containers: containers.map((container, index) =>
        withImage(container, images[index]?.reference),
      ),
    },
    parallelism: shape.parallelism,
    tasks,
    failure,
    endTime: executionEnd(tasks, now),
    cancelled: false,
  };
}

function withImage(container: Container, reference: string | undefined): Container {
  return reference === undefined ? container : { ...container, image: reference };
}

function shapeOf(template: ExecutionTemplate, overrides: Overrides): ExecutionShape {
  const task = template.template ?? {};
  const taskCount = overrides.taskCount ?? template.taskCount ?? 1;
  checkTaskCount(taskCount);
  checkTimeout(overrides.timeout);
  return {
    template: {
      ...task,
      ...present({ timeout: overrides.timeout }),
      containers: overrideContainers(task.containers ?? [], overrides),
    },
    taskCount,
    parallelism: template.parallelism ?? 0,
  };
}

function overrideContainers(
  containers: readonly Container[],
  { containerOverrides = [] }: Overrides,
): readonly Container[] {
  return containers.map((container) => {
    const own = containerOverrides.find(
      ({ name = "" }) =>
        name === (container.name ?? "") || (name === "" && containers.length === 1),
    );
    return own === undefined ? container : overrideContainer(container, own);
  });
}

function overrideContainer(
  container: Container,
  own: NonNullable<Overrides["containerOverrides"]>[number],
): Container {
  const { env = [], args = [], clearArgs = false } = own;
  const replaced = new Set(env.map(({ name }) => name));
  const kept = (container.env ?? []).filter(({ name }) => !replaced.has(name));
  const next = { ...container, env: [...kept, ...env] };
  return args.length > 0 || clearArgs ? { ...next, args } : next;
}
