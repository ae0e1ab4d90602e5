import { toTimestamp } from "../kit/clock.ts";
import { executionPhase, type Phase } from "./execution-view.ts";
import { etagFor } from "./identity.ts";
import type { ExecutionRecord, JobRecord } from "./job-records.ts";
import type { State } from "./state.ts";
import type { Condition } from "./wire.ts";

const COMPLETION: Readonly<Record<Phase, string>> = {
  pending: "EXECUTION_PENDING",
  running: "EXECUTION_RUNNING",
  succeeded: "EXECUTION_SUCCEEDED",
  failed: "EXECUTION_FAILED",
  cancelled: "EXECUTION_CANCELLED",
};

/**
 * A job as the API answers it at a moment.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs
 */
export function jobView(state: State, job: JobRecord, now: number): object {
  const latest =
    job.latestExecution === null ? undefined : state.executions.get(job.latestExecution);
  const generation = String(job.generation);
  const isUnderWay = now < job.readyTime;
  return {
    ...job.spec,
    name: job.name,
    uid: job.uid,
    generation,
    ...(job.failure === null && !isUnderWay ? { observedGeneration: generation } : {}),
    createTime: toTimestamp(job.createTime),
    updateTime: toTimestamp(job.updateTime),
    terminalCondition: jobCondition(job, "Ready", isUnderWay),
    conditions: [jobCondition(job, "ContainerReady", isUnderWay)],
    executionCount: job.executionCount,
    ...(latest === undefined ? {} : { latestCreatedExecution: executionReference(latest, now) }),
    reconciling: isUnderWay,
    etag: etagFor(job.name, job.version),
  };
}

function executionReference(execution: ExecutionRecord, now: number): object {
  const phase = executionPhase(execution, now);
  const isOver = now >= execution.endTime;
  return {
    name: execution.name,
    createTime: toTimestamp(execution.createTime),
    ...(isOver ? { completionTime: toTimestamp(execution.endTime) } : {}),
    completionStatus: COMPLETION[phase],
  };
}

function jobCondition(job: JobRecord, type: string, isUnderWay: boolean): Condition {
  const lastTransitionTime = toTimestamp(job.updateTime);
  if (isUnderWay) {
    return { type, state: "CONDITION_RECONCILING", lastTransitionTime };
  }
  if (job.failure === null) {
    return { type, state: "CONDITION_SUCCEEDED", lastTransitionTime };
  }
  const { message, reason } = job.failure;
  return { type, state: "CONDITION_FAILED", message, lastTransitionTime, reason };
}
