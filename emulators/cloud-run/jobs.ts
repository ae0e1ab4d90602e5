import { isDeepStrictEqual } from "node:util";
import type { Message } from "../kit/call.ts";
import { checked } from "../kit/checked.ts";
import { toTimestamp } from "../kit/clock.ts";
import type { Place } from "../kit/collection-names.ts";
import { conditionOf } from "./conditions.ts";
import { resolveImages } from "./images.ts";
import { FIELDS, specOf } from "./messages.ts";
import { JobSpec } from "./spec.ts";
import { type CloudRun, dueAt, type Execution, type Job, type JobOwn } from "./state.ts";

const FIRST = { generation: "0", executionCount: 0, hidden: { latestExecution: null } };

/**
 * A job with the specification that is given; one that stays the same is as it was.
 * @throws GoogleError INVALID_ARGUMENT
 */
export function writeJob(
  run: CloudRun,
  { given, before }: { readonly given: Message; readonly before: Job | null },
  place: Place,
): JobSpec & JobOwn {
  const spec = checked(JobSpec, specOf(FIELDS.Job, given), "job");
  const { failure } = resolveImages(run.images, spec.template.template.containers);
  const wasSo = { spec: specOf(FIELDS.Job, before ?? {}), failure: before?.hidden.failure };
  if (before !== null && isDeepStrictEqual(wasSo, { spec, failure })) {
    return before;
  }
  const { generation, executionCount, hidden } = before ?? FIRST;
  return {
    ...spec,
    generation: String(Number(generation) + 1),
    executionCount,
    hidden: {
      failure,
      changedMs: place.nowMs,
      readyMs: dueAt(place, run.times.jobMs),
      latestExecution: hidden.latestExecution,
    },
  };
}

/**
 * A job as the API answers it.
 * Source: https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.jobs
 */
export function jobView(run: CloudRun, job: Job): object {
  const { failure, changedMs, readyMs, latestExecution } = job.hidden;
  const latest = run.executions.records.get(latestExecution ?? "");
  const isUnderWay = run.now() < readyMs;
  const about = { isUnderWay, failure, timeMs: changedMs };
  return {
    ...job,
    ...(failure === null && !isUnderWay ? { observedGeneration: job.generation } : {}),
    terminalCondition: conditionOf("Ready", about),
    conditions: [conditionOf("ContainerReady", about)],
    ...(latest === undefined ? {} : { latestCreatedExecution: referenceTo(run, latest) }),
    reconciling: isUnderWay,
  };
}

function referenceTo(run: CloudRun, { name, createTime, hidden }: Execution): object {
  const failed = hidden.failure?.status === "CANCELLED" ? "CANCELLED" : "FAILED";
  const end = hidden.failure === null ? "SUCCEEDED" : failed;
  const isUnderWay = run.now() < hidden.endMs;
  return {
    name,
    createTime,
    ...(isUnderWay ? {} : { completionTime: toTimestamp(hidden.endMs) }),
    completionStatus: `EXECUTION_${isUnderWay ? "RUNNING" : end}`,
  };
}
