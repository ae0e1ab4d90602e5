import { googleError } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { suffixFor } from "./identity.ts";
import { resolveImages } from "./images.ts";
import { checkTaskCount, checkTimeout } from "./job-spec.ts";
import { executionView } from "./job-views.ts";
import { kindsOf } from "./kinds.ts";
import { beginOperation, finishedOperation } from "./long-running.ts";
import { idOf } from "./names.ts";
import { isBelow } from "../kit/collection-names.ts";
import { checkEtag, find, type Named } from "./resources.ts";
import type { CloudRun, ExecutionRecord, JobRecord } from "./state.ts";
import { executionEnd, planTasks } from "./task-plan.ts";
import type { Container, EnvironmentVariable, ExecutionTemplate } from "./wire.ts";

const SUFFIX_LENGTH = 5;

/**
 * How many executions of a job are kept at most.
 * Source: https://cloud.google.com/run/quotas
 */
const EXECUTIONS_MAX = 1000;

/** What one execution does differently from its job. */
export type Overrides = {
  readonly containerOverrides?: readonly {
    readonly name?: string;
    readonly args?: readonly string[];
    readonly env?: readonly EnvironmentVariable[];
    readonly clearArgs?: boolean;
  }[];
  readonly taskCount?: number;
  readonly timeout?: string;
};

/**
 * RunJob: starts an execution. The operation ends when the execution does, with an error if it fails
 * (unconfirmed); the execution itself says more.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs/run
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, ABORTED for an etag that is out of date
 */
export function runJob(
  run: CloudRun,
  request: Named & { readonly overrides?: Overrides },
  now: number,
): Operation {
  const { jobs } = kindsOf(run);
  const job = find(jobs, request.name ?? "");
  checkEtag(jobs.view(job, now), request.etag ?? "");
  const template = overridden(job.spec.template ?? {}, request.overrides ?? {});
  const execution = startExecution(run, { job, template }, now);
  if (request.validateOnly === true) {
    const response = executionView(execution, now);
    return finishedOperation(run, { type: "Execution", response, isKept: false }, now);
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
 * CancelExecution: what runs is stopped, what waits does not start.
 * @throws GoogleError INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION when it is over
 */
export function cancelExecution(run: CloudRun, request: Named, now: number): Operation {
  const execution = find(kindsOf(run).executions, request.name ?? "");
  const { name } = execution;
  if (execution.endTime <= now) {
    throw googleError("FAILED_PRECONDITION", `Execution '${idOf(name)}' is already completed.`);
  }
  const isKept = request.validateOnly !== true;
  const cancelled = isKept ? { ...execution, endTime: now, cancelled: true } : execution;
  run.state.executions.set(name, cancelled);
  const response = executionView(cancelled, now);
  return finishedOperation(run, { type: "Execution", response, isKept }, now);
}

/** Of more than a job may keep, the oldest executions that are over are deleted. */
function forgetOldExecutions(run: CloudRun, job: string, now: number): void {
  const kept = [...run.state.executions.values()].filter(({ name }) => isBelow(name, job));
  const over = kept.filter(({ endTime }) => endTime <= now);
  for (const { name } of over.slice(0, Math.max(0, kept.length - EXECUTIONS_MAX))) {
    run.state.executions.delete(name);
  }
}

function startExecution(
  run: CloudRun,
  { job, template }: { readonly job: JobRecord; readonly template: ExecutionTemplate },
  now: number,
): ExecutionRecord {
  const suffix = suffixFor(`${job.uid}/${job.executionCount}`, SUFFIX_LENGTH);
  const { own, containers, failure } = resolveImages(run.images, template.template?.containers);
  const tasks =
    own === null || failure !== null
      ? []
      : planTasks(template, { image: own, attemptMs: run.times.taskMs }, now);
  return {
    name: `${job.name}/executions/${idOf(job.name)}-${suffix}`,
    job: idOf(job.name),
    createTime: now,
    labels: { ...job.spec.labels, ...template.labels },
    annotations: { ...template.annotations },
    template: { ...template.template, containers },
    parallelism: template.parallelism ?? 0,
    tasks,
    failure,
    endTime: executionEnd(tasks, now),
    cancelled: false,
  };
}

/** A job's template with what one execution does differently. */
function overridden(template: ExecutionTemplate, overrides: Overrides): ExecutionTemplate {
  const { taskCount = template.taskCount ?? 1, timeout, containerOverrides = [] } = overrides;
  checkTaskCount(taskCount);
  checkTimeout(timeout);
  const { containers = [], ...task } = template.template ?? {};
  const changed = containers.map((container) => {
    const own = containerOverrides.find(
      ({ name = "" }) =>
        name === (container.name ?? "") || (name === "" && containers.length === 1),
    );
    return own === undefined ? container : overrideContainer(container, own);
  });
  const timed = timeout === undefined ? task : { ...task, timeout };
  return { ...template, taskCount, template: { ...timed, containers: changed } };
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
