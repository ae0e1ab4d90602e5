import { checkContainers, checkRange } from "./container-rules.ts";
import { checkMetadata } from "./metadata-rules.ts";
import { withDefaultLimits } from "./resource-limits.ts";
import type { JobSpec } from "./wire.ts";

const TASKS_MAX = 10_000;
const RETRIES_MAX = 10;
/** Seven days. */
const TIMEOUT_MAX_SECONDS = 604_800;

const DEFAULT_RETRIES = 3;
const DEFAULT_TIMEOUT = "600s";

/**
 * Fills in what the API fills in: one task, three retries, ten minutes, limits, launch stage.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/TaskTemplate
 */
export function jobWithDefaults(spec: JobSpec): JobSpec {
  const { template = {} } = spec;
  const { template: task = {} } = template;
  const containers = (task.containers ?? []).map(withDefaultLimits);
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

/**
 * Checks what can be known about a job without looking at others.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs and
 * https://cloud.google.com/run/quotas
 * @throws GoogleError INVALID_ARGUMENT that names the first field at fault.
 */
export function checkJobSpec(spec: JobSpec): void {
  const { template = {} } = spec;
  const { template: task = {}, taskCount = 1, parallelism = 0 } = template;
  checkMetadata("job", spec);
  checkMetadata("job.template", template);
  checkContainers("job.template.template", task, { needsPort: false });
  checkTaskCount(taskCount);
  checkRange("job.template.parallelism", parallelism, [0, taskCount]);
  checkRange("job.template.template.maxRetries", task.maxRetries ?? 0, [0, RETRIES_MAX]);
  checkTimeout(task.timeout);
}

/**
 * Checks the number of tasks of an execution.
 * @throws GoogleError INVALID_ARGUMENT when it is not from 1 to 10 000.
 */
export function checkTaskCount(count: number): void {
  checkRange("task_count", count, [1, TASKS_MAX]);
}

/**
 * Checks the timeout of a task.
 * @throws GoogleError INVALID_ARGUMENT when it is not above 0 s and at most seven days.
 */
export function checkTimeout(timeout = DEFAULT_TIMEOUT): void {
  checkRange("timeout", Number.parseFloat(timeout), [Number.MIN_VALUE, TIMEOUT_MAX_SECONDS]);
}
