import { toTimestamp } from "../kit/clock.ts";
import { conditionOf } from "./conditions.ts";
import { etagFor } from "./identity.ts";
import { uidFor } from "../kit/collection-names.ts";
import { idOf, placeOf } from "./names.ts";
import type { ExecutionRecord, Failure, JobRecord, State, TaskPlan } from "./state.ts";
import type { Viewed } from "./wire.ts";

/**
 * A job as the API answers it at a moment.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs
 */
export function jobView(state: State, job: JobRecord, now: number): Viewed {
  const { name, failure } = job;
  const latest = state.executions.get(job.latestExecution ?? "");
  const generation = String(job.generation);
  const isUnderWay = now < job.readyTime;
  const about = { isUnderWay, failure, time: job.updateTime };
  return {
    ...job.spec,
    name,
    uid: job.uid,
    generation,
    ...(failure === null && !isUnderWay ? { observedGeneration: generation } : {}),
    createTime: toTimestamp(job.createTime),
    updateTime: toTimestamp(job.updateTime),
    terminalCondition: conditionOf("Ready", about),
    conditions: [conditionOf("ContainerReady", about)],
    executionCount: job.executionCount,
    ...(latest === undefined ? {} : { latestCreatedExecution: referenceTo(latest, now) }),
    reconciling: isUnderWay,
    etag: etagFor(name, job.version),
  };
}

function referenceTo(execution: ExecutionRecord, now: number): object {
  const { name, createTime, endTime, cancelled } = execution;
  const failed = cancelled ? "CANCELLED" : "FAILED";
  const end = executionFailure(execution) === null ? "SUCCEEDED" : failed;
  return {
    name,
    createTime: toTimestamp(createTime),
    ...(now < endTime ? {} : { completionTime: toTimestamp(endTime) }),
    completionStatus: `EXECUTION_${now < endTime ? "RUNNING" : end}`,
  };
}

/** Why an execution failed as a whole, or null when it succeeds. */
export function executionFailure(execution: ExecutionRecord): Failure | null {
  if (execution.cancelled) {
    return { status: "CANCELLED", reason: "CANCELLED", message: "The execution was cancelled." };
  }
  const index = execution.tasks.findIndex(
    ({ exitCode, endTime }) => exitCode !== 0 && endTime <= execution.endTime,
  );
  const task = execution.tasks[index];
  if (execution.failure !== null || task === undefined) {
    return execution.failure;
  }
  const [reason, what] =
    task.exitCode === null
      ? ["PROGRESS_DEADLINE_EXCEEDED", "The configured timeout was reached."]
      : ["NON_ZERO_EXIT_CODE", "The container exited with an error."];
  const message = `Task ${idOf(execution.name)}-task${index} failed with message: ${what}`;
  return { status: "ABORTED", reason, message };
}

/** Where a task is at a moment; what an ended execution leaves unfinished is cancelled. */
function phaseOf(
  task: TaskPlan,
  execution: ExecutionRecord,
  now: number,
): "pending" | "running" | "succeeded" | "failed" | "cancelled" {
  if (task.endTime <= Math.min(now, execution.endTime)) {
    return task.exitCode === 0 ? "succeeded" : "failed";
  }
  if (now >= execution.endTime) {
    return "cancelled";
  }
  return now >= task.startTime ? "running" : "pending";
}

/**
 * An execution as the API answers it at a moment.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions
 */
export function executionView(execution: ExecutionRecord, now: number): Viewed {
  const { name, createTime, endTime, tasks, failure } = execution;
  const phases = tasks.map((task) => phaseOf(task, execution, now));
  const isUnderWay = now < endTime;
  const time = isUnderWay ? createTime : endTime;
  const count = (phase: string): number => phases.filter((one) => one === phase).length;
  return {
    name,
    uid: uidFor(`${name}@${createTime}`),
    generation: "1",
    ...(isUnderWay ? {} : { observedGeneration: "1", completionTime: toTimestamp(endTime) }),
    labels: execution.labels,
    annotations: execution.annotations,
    createTime: toTimestamp(createTime),
    startTime: toTimestamp(createTime),
    updateTime: toTimestamp(time),
    launchStage: "GA",
    job: execution.job,
    parallelism: execution.parallelism,
    taskCount: tasks.length,
    template: execution.template,
    reconciling: isUnderWay,
    conditions: [
      conditionOf("Completed", { isUnderWay, failure: executionFailure(execution), time }),
      ...["ResourcesAvailable", "ContainerReady", "Started"].map((type) =>
        conditionOf(type, { isUnderWay: false, failure, time: createTime }),
      ),
    ],
    runningCount: count("running"),
    succeededCount: count("succeeded"),
    failedCount: count("failed"),
    cancelledCount: count("cancelled"),
    retriedCount: tasks.filter((task) => task.retries > 0 && now >= task.endTime).length,
    logUri: `https://console.cloud.google.com/logs/viewer?project=${placeOf(name).project}&advancedFilter=labels.%22run.googleapis.com%2Fexecution_name%22%3D%22${idOf(name)}%22`,
    etag: etagFor(name, isUnderWay ? "running" : "over"),
  };
}
