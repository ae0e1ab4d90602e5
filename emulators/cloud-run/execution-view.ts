import { toTimestamp } from "../kit/clock.ts";
import { etagFor, uidFor } from "./identity.ts";
import type { ExecutionRecord, JobFailure, TaskPlan } from "./job-records.ts";
import { idOf, placeOf } from "./names.ts";
import type { Condition } from "./wire.ts";

/** Where a task or an execution is in its life. */
export type Phase = "pending" | "running" | "succeeded" | "failed" | "cancelled";

/** Why an execution failed as a whole, or null when it succeeds. */
export function executionFailure(execution: ExecutionRecord): JobFailure | null {
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
  const what =
    task.exitCode === null
      ? "The configured timeout was reached."
      : "The container exited with an error.";
  return {
    status: "ABORTED",
    reason: task.exitCode === null ? "PROGRESS_DEADLINE_EXCEEDED" : "NON_ZERO_EXIT_CODE",
    message: `Task ${idOf(execution.name)}-task${index} failed with message: ${what}`,
  };
}

/** Where a whole execution is at a moment. */
export function executionPhase(execution: ExecutionRecord, now: number): Phase {
  if (now < execution.endTime) {
    return "running";
  }
  if (execution.cancelled) {
    return "cancelled";
  }
  return executionFailure(execution) === null ? "succeeded" : "failed";
}

/** Where a task is at a moment; what an ended execution leaves unfinished is cancelled. */
function taskPhase(execution: ExecutionRecord, task: TaskPlan, now: number): Phase {
  const moment = Math.min(now, execution.endTime);
  if (moment >= task.endTime) {
    return task.exitCode === 0 ? "succeeded" : "failed";
  }
  if (now >= execution.endTime) {
    return "cancelled";
  }
  return moment >= task.startTime ? "running" : "pending";
}

/**
 * An execution as the API answers it at a moment.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions
 */
export function executionView(execution: ExecutionRecord, now: number): object {
  const phases = execution.tasks.map((task) => taskPhase(execution, task, now));
  const isOver = now >= execution.endTime;
  const count = (phase: Phase): number => phases.filter((one) => one === phase).length;
  return {
    name: execution.name,
    uid: uidFor(`${execution.name}@${execution.createTime}`),
    generation: "1",
    ...(isOver ? { observedGeneration: "1", completionTime: toTimestamp(execution.endTime) } : {}),
    labels: execution.labels,
    annotations: execution.annotations,
    createTime: toTimestamp(execution.createTime),
    startTime: toTimestamp(execution.createTime),
    updateTime: toTimestamp(isOver ? execution.endTime : execution.createTime),
    launchStage: "GA",
    job: execution.job,
    parallelism: execution.parallelism,
    taskCount: execution.tasks.length,
    template: execution.template,
    reconciling: !isOver,
    conditions: executionConditions(execution, now),
    runningCount: count("running"),
    succeededCount: count("succeeded"),
    failedCount: count("failed"),
    cancelledCount: count("cancelled"),
    retriedCount: execution.tasks.filter((task) => task.retries > 0 && now >= task.endTime).length,
    logUri: logUri(execution),
    etag: etagFor(execution.name, isOver ? "over" : "running"),
  };
}

/**
 * A task as the API answers it at a moment.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions.tasks
 */
export function taskView(execution: ExecutionRecord, index: number, now: number): object | null {
  const task = execution.tasks[index];
  if (task === undefined) {
    return null;
  }
  const name = `${execution.name}/tasks/${idOf(execution.name)}-task${index}`;
  const phase = taskPhase(execution, task, now);
  const isOver = phase !== "pending" && phase !== "running";
  const endTime = Math.min(task.endTime, execution.endTime);
  return {
    ...execution.template,
    name,
    uid: uidFor(`${name}@${execution.createTime}`),
    generation: "1",
    ...(isOver ? { observedGeneration: "1", completionTime: toTimestamp(endTime) } : {}),
    labels: execution.labels,
    createTime: toTimestamp(execution.createTime),
    scheduledTime: toTimestamp(task.startTime),
    ...(phase === "pending" ? {} : { startTime: toTimestamp(task.startTime) }),
    updateTime: toTimestamp(isOver ? endTime : task.startTime),
    job: execution.job,
    execution: idOf(execution.name),
    reconciling: !isOver,
    conditions: [taskCondition(phase, toTimestamp(isOver ? endTime : task.startTime))],
    index,
    retried: isOver ? task.retries : 0,
    ...(phase === "succeeded" || phase === "failed"
      ? { lastAttemptResult: attemptResult(task) }
      : {}),
    logUri: logUri(execution),
    etag: etagFor(name, phase),
  };
}

function attemptResult(task: TaskPlan): object {
  const { exitCode } = task;
  if (exitCode === 0) {
    return { status: {} };
  }
  return exitCode === null
    ? { status: { code: 4, message: "The configured timeout was reached." }, termSignal: 9 }
    : { status: { code: 2, message: "The container exited with an error." }, exitCode };
}

function taskCondition(phase: Phase, lastTransitionTime: string): Condition {
  const type = "Completed";
  switch (phase) {
    case "pending":
      return { type, state: "CONDITION_PENDING", lastTransitionTime };
    case "running":
      return { type, state: "CONDITION_RECONCILING", lastTransitionTime };
    case "succeeded":
      return { type, state: "CONDITION_SUCCEEDED", lastTransitionTime };
    case "failed":
      return {
        type,
        state: "CONDITION_FAILED",
        lastTransitionTime,
        executionReason: "NON_ZERO_EXIT_CODE",
      };
    case "cancelled":
      return { type, state: "CONDITION_FAILED", lastTransitionTime, executionReason: "CANCELLED" };
  }
}

function executionConditions(execution: ExecutionRecord, now: number): readonly Condition[] {
  const begun = toTimestamp(execution.createTime);
  const prepared = ["ResourcesAvailable", "ContainerReady", "Started"];
  return [
    completed(execution, now),
    ...prepared.map((type) => settledCondition(type, execution.failure, begun)),
  ];
}

function completed(execution: ExecutionRecord, now: number): Condition {
  const type = "Completed";
  const failure = executionFailure(execution);
  if (now < execution.endTime) {
    const lastTransitionTime = toTimestamp(execution.createTime);
    return { type, state: "CONDITION_RECONCILING", lastTransitionTime };
  }
  return settledCondition(type, failure, toTimestamp(execution.endTime));
}

function settledCondition(
  type: string,
  failure: JobFailure | null,
  lastTransitionTime: string,
): Condition {
  return failure === null
    ? { type, state: "CONDITION_SUCCEEDED", lastTransitionTime }
    : { type, state: "CONDITION_FAILED", lastTransitionTime, ...whyFailed(failure) };
}

function whyFailed({ message, reason }: JobFailure): Partial<Condition> {
  return reason === "NON_ZERO_EXIT_CODE" || reason === "CANCELLED"
    ? { message, executionReason: reason }
    : { message, reason };
}

function logUri({ name }: ExecutionRecord): string {
  const { project } = placeOf(name);
  return `https://console.cloud.google.com/logs/viewer?project=${project}&advancedFilter=labels.%22run.googleapis.com%2Fexecution_name%22%3D%22${idOf(name)}%22`;
}
