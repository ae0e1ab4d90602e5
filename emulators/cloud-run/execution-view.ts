import { toTimestamp } from "../kit/clock.ts";
import { conditionOf } from "./conditions.ts";
import { idOf } from "./names.ts";
import type { CloudRun, Execution, Failure, TaskPlan } from "./state.ts";

/** Why an execution failed as a whole, or null when it succeeds. */
export function executionFailure({ name, hidden }: Execution): Failure | null {
  if (hidden.isCancelled) {
    return { status: "CANCELLED", reason: "CANCELLED", message: "The execution was cancelled." };
  }
  const index = hidden.tasks.findIndex(
    ({ exitCode, endMs }) => exitCode !== 0 && endMs <= hidden.endMs,
  );
  const task = hidden.tasks[index];
  if (hidden.failure !== null || task === undefined) {
    return hidden.failure;
  }
  const [reason, what] =
    task.exitCode === null
      ? ["PROGRESS_DEADLINE_EXCEEDED", "The configured timeout was reached."]
      : ["NON_ZERO_EXIT_CODE", "The container exited with an error."];
  const message = `Task ${idOf(name)}-task${index} failed with message: ${what}`;
  return { status: "ABORTED", reason, message };
}

/** The counter that a task is in at a moment, if any; what an ended execution leaves unfinished is cancelled. */
function counterOf(task: TaskPlan, endMs: number, nowMs: number): string {
  if (task.endMs <= Math.min(nowMs, endMs)) {
    return task.exitCode === 0 ? "succeededCount" : "failedCount";
  }
  if (nowMs >= endMs) {
    return "cancelledCount";
  }
  return nowMs >= task.startMs ? "runningCount" : "";
}

/**
 * An execution as the API answers it.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs.executions
 */
export function executionView(run: CloudRun, execution: Execution): object {
  const nowMs = run.now();
  const { createTime, hidden } = execution;
  const { tasks, failure, endMs } = hidden;
  const isUnderWay = nowMs < endMs;
  const createMs = Date.parse(createTime);
  const timeMs = isUnderWay ? createMs : endMs;
  const counters = tasks.map((task) => counterOf(task, endMs, nowMs));
  const names = ["runningCount", "succeededCount", "failedCount", "cancelledCount"];
  return {
    ...execution,
    ...(isUnderWay ? {} : { observedGeneration: "1", completionTime: toTimestamp(endMs) }),
    updateTime: toTimestamp(timeMs),
    reconciling: isUnderWay,
    conditions: [
      conditionOf("Completed", { isUnderWay, failure: executionFailure(execution), timeMs }),
      ...["ResourcesAvailable", "ContainerReady", "Started"].map((type) =>
        conditionOf(type, { isUnderWay: false, failure, timeMs: createMs }),
      ),
    ],
    ...Object.fromEntries(
      names.map((name) => [name, counters.filter((counter) => counter === name).length]),
    ),
    retriedCount: tasks.filter((task) => task.retries > 0 && nowMs >= task.endMs).length,
  };
}
