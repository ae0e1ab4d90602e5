import { badRequest } from "../kit/google-error.ts";
import { checkContainers } from "./container-rules.ts";
import type { JobSpec } from "./job-records.ts";
import { checkAnnotations, checkLabels } from "./metadata-rules.ts";
import { withDefaultLimits } from "./resource-limits.ts";
import type { Container } from "./wire.ts";

const TASKS_MAX = 10_000;
const RETRIES_MAX = 10;
/** Seven days. */
const TIMEOUT_MAX_SECONDS = 604_800;

const DEFAULT_RETRIES = 3;
const DEFAULT_TIMEOUT = "600s";

const SPEC_FIELDS = [
  "labels",
  "annotations",
  "client",
  "clientVersion",
  "launchStage",
  "binaryAuthorization",
  "template",
] as const;

/** Only the fields that an owner sets; output-only ones that a client sends back are ignored. */
export function toJobSpec(job: JobSpec): JobSpec {
  return Object.fromEntries(
    SPEC_FIELDS.flatMap((field) =>
      job[field] === undefined ? [] : [[field, job[field]] as const],
    ),
  );
}

/**
 * Fills in what the API fills in: one task, three retries, ten minutes, limits, launch stage.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/TaskTemplate
 */
export function jobWithDefaults(spec: JobSpec): JobSpec {
  const { template = {} } = spec;
  const { template: task = {} } = template;
  const containers = (task.containers ?? []).map(withLimits);
  return {
    launchStage: "GA",
    ...spec,
    template: {
      taskCount: 1,
      ...template,
      template: { maxRetries: DEFAULT_RETRIES, timeout: DEFAULT_TIMEOUT, ...task, containers },
    },
  };
}

function withLimits(container: Container): Container {
  const limits = withDefaultLimits(container.resources?.limits);
  return { ...container, resources: { ...container.resources, limits } };
}

/**
 * Checks what can be known about a job without looking at others.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs and
 * https://cloud.google.com/run/quotas
 * @throws GoogleError INVALID_ARGUMENT that names the first field at fault.
 */
export function checkJobSpec(spec: JobSpec): void {
  const { template = {} } = spec;
  const { template: task = {}, taskCount = 1, parallelism = 0 } = template;
  checkLabels("job.labels", spec.labels);
  checkAnnotations("job.annotations", spec.annotations);
  checkLabels("job.template.labels", template.labels);
  checkAnnotations("job.template.annotations", template.annotations);
  const { containers, volumes } = task;
  checkContainers({ field: "job.template.template", use: "job", containers, volumes });
  checkTaskCount(taskCount);
  checkRange("job.template.parallelism", parallelism, taskCount);
  checkRange("job.template.template.maxRetries", task.maxRetries ?? 0, RETRIES_MAX);
  checkTimeout(task.timeout);
}

/**
 * Checks the number of tasks of an execution.
 * @throws GoogleError INVALID_ARGUMENT when it is not from 1 to 10 000.
 */
export function checkTaskCount(count: number): void {
  if (count < 1 || count > TASKS_MAX) {
    throw badRequest("task_count", `task_count must be from 1 to ${TASKS_MAX}, not ${count}`);
  }
}

/**
 * Checks the timeout of a task.
 * @throws GoogleError INVALID_ARGUMENT when it is not from 0 s to seven days.
 */
export function checkTimeout(timeout: string | undefined): void {
  const seconds = Number.parseFloat(timeout ?? DEFAULT_TIMEOUT);
  if (!(seconds > 0 && seconds <= TIMEOUT_MAX_SECONDS)) {
    throw badRequest("timeout", `timeout must be above 0s and at most ${TIMEOUT_MAX_SECONDS}s`);
  }
}

function checkRange(field: string, value: number, max: number): void {
  if (value < 0 || value > max) {
    throw badRequest(field, `${field} must be from 0 to ${max}, not ${value}`);
  }
}
