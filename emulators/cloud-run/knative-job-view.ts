import { executionView, taskView } from "./execution-view.ts";
import type { ExecutionRecord, JobRecord, TaskTemplate } from "./job-records.ts";
import { jobView } from "./job-view.ts";
import { RUN } from "./knative-parts.ts";
import { toKnativePod } from "./knative-pod.ts";
import { knativeCondition, metadata } from "./knative-view.ts";
import { idOf } from "./names.ts";
import { present } from "./present.ts";
import type { State } from "./state.ts";
import type { Condition, Pairs } from "./wire.ts";

const API_VERSION = "run.googleapis.com/v1";

type Reference = {
  readonly name: string;
  readonly createTime: string;
  readonly completionTime?: string;
  readonly completionStatus: string;
};

/** What the views of version 2 have and version 1 has under other names. */
type View = {
  readonly conditions: readonly Condition[];
  readonly terminalCondition?: Condition;
  readonly startTime?: string;
  readonly completionTime?: string;
  readonly logUri?: string;
  readonly latestCreatedExecution?: Reference;
};

/**
 * A job as version 1 of the API has it: `gcloud run jobs` reads and writes it in this form.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.jobs
 */
export function knativeJob(state: State, job: JobRecord, now: number): object {
  const { labels, annotations, template = {} } = job.spec;
  const view = viewOf(jobView(state, job, now));
  const pod = toKnativePod(template.template ?? {});
  return {
    apiVersion: API_VERSION,
    kind: "Job",
    metadata: {
      ...metadata(job, labels),
      uid: job.uid,
      generation: job.generation,
      resourceVersion: String(job.version),
      annotations: annotations ?? {},
    },
    spec: {
      template: {
        metadata: {
          labels: template.labels ?? {},
          annotations: { ...template.annotations, ...pod.annotations },
        },
        spec: present({
          parallelism: template.parallelism,
          taskCount: template.taskCount,
          template: { spec: taskSpec(template.template ?? {}) },
        }),
      },
    },
    status: present({
      observedGeneration: job.generation,
      conditions: [view.terminalCondition, ...view.conditions]
        .filter((condition) => condition !== undefined)
        .map(knativeCondition),
      executionCount: job.executionCount,
      latestCreatedExecution: view.latestCreatedExecution && reference(view.latestCreatedExecution),
    }),
  };
}

/**
 * An execution as version 1 of the API has it.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.executions
 */
export function knativeExecution(execution: ExecutionRecord, now: number): object {
  const view = executionView(execution, now);
  return {
    ...head("Execution", execution, { [`${RUN}/job`]: execution.job }),
    spec: {
      parallelism: execution.parallelism,
      taskCount: execution.tasks.length,
      template: { spec: taskSpec(execution.template) },
    },
    status: statusOf(view, [
      "runningCount",
      "succeededCount",
      "failedCount",
      "cancelledCount",
      "retriedCount",
    ]),
  };
}

/**
 * A task as version 1 of the API has it.
 * Source: https://cloud.google.com/run/docs/reference/rest/v1/namespaces.tasks
 */
export function knativeTask(execution: ExecutionRecord, index: number, now: number): object {
  const view = taskView(execution, index, now) ?? {};
  const name = `${execution.name}/tasks/${idOf(execution.name)}-task${index}`;
  const labels = { [`${RUN}/job`]: execution.job, [`${RUN}/execution`]: idOf(execution.name) };
  return {
    ...head("Task", { ...execution, name }, labels),
    spec: taskSpec(execution.template),
    status: statusOf(view, ["index", "retried", "lastAttemptResult"]),
  };
}

function head(
  kind: string,
  {
    annotations,
    ...record
  }: Pick<ExecutionRecord, "name" | "createTime" | "labels" | "annotations">,
  labels: Pairs,
): object {
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: {
      ...metadata(record, { ...record.labels, ...labels }),
      generation: 1,
      annotations,
    },
  };
}

function taskSpec(template: TaskTemplate): object {
  const { timeout, maxRetries } = template;
  return present({
    ...toKnativePod(template).spec,
    maxRetries,
    timeoutSeconds: timeout === undefined ? undefined : Number.parseFloat(timeout),
  });
}

/** The status of an execution or a task, with these fields under the names that they have in version 2 as well. */
function statusOf(view: object, same: readonly string[]): object {
  const { conditions, startTime, completionTime, logUri } = viewOf(view);
  return present({
    observedGeneration: 1,
    conditions: conditions.map(knativeCondition),
    startTime,
    completionTime,
    logUri,
    ...Object.fromEntries(Object.entries(view).filter(([name]) => same.includes(name))),
  });
}

function viewOf(view: object): View {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the views of jobs, executions and tasks have these
  return view as View;
}

function reference({ name, createTime, completionTime, completionStatus }: Reference): object {
  return present({
    name: idOf(name),
    creationTimestamp: createTime,
    completionTimestamp: completionTime,
    completionStatus,
  });
}
