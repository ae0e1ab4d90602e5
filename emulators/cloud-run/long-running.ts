import { randomUUID } from "node:crypto";
import { googleError, statusCode } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { executionFailure, executionView, jobView } from "./job-views.ts";
import { placeOf } from "./names.ts";
import { serviceView } from "./service-views.ts";
import type { CloudRun, Failure, OperationRecord } from "./state.ts";
import type { Viewed } from "./wire.ts";

/** How many operations are remembered; the service itself forgets them after some days. */
const OPERATIONS_MAX = 1000;

const TYPE_PREFIX = "type.googleapis.com/google.cloud.run.v2.";

/** Begins an operation that ends when its target is settled. */
export function beginOperation(run: CloudRun, target: string, now: number): Operation {
  const name = operationName(target);
  const record: OperationRecord = { name, target, outcome: { kind: "running" } };
  keep(run, record, now);
  return operationView(run, record, now);
}

/** An operation that is finished when it is returned. It is not kept when it only validated. */
export function finishedOperation(
  run: CloudRun,
  about: { readonly type: string; readonly response: Viewed; readonly isKept: boolean },
  now: number,
): Operation {
  const { name: target } = about.response;
  const record: OperationRecord = {
    name: operationName(target),
    target,
    outcome: { kind: "done", response: { "@type": TYPE_PREFIX + about.type, ...about.response } },
  };
  if (about.isKept) {
    keep(run, record, now);
  }
  return operationView(run, record, now);
}

/**
 * One operation.
 * @throws GoogleError NOT_FOUND
 */
export function getOperation(run: CloudRun, name: string, now: number): Operation {
  const record = run.state.operations.get(name);
  if (record === undefined) {
    throw googleError("NOT_FOUND", `Operation '${name}' does not exist.`);
  }
  return operationView(run, record, now);
}

/** Keeps an operation; of too many the oldest that are finished are forgotten. */
function keep(run: CloudRun, record: OperationRecord, now: number): void {
  const { operations } = run.state;
  operations.set(record.name, record);
  for (const one of operations.values()) {
    if (operations.size <= OPERATIONS_MAX) {
      return;
    }
    if (operationView(run, one, now).done === true) {
      operations.delete(one.name);
    }
  }
}

function operationName(target: string): string {
  const { project, location } = placeOf(target);
  return `projects/${project}/locations/${location}/operations/${randomUUID()}`;
}

function operationView(run: CloudRun, record: OperationRecord, now: number): Operation {
  const { name, target, outcome } = record;
  if (outcome.response !== undefined) {
    return { name, metadata: outcome.response, done: true, response: outcome.response };
  }
  const { metadata, isUnderWay, failure } = targetOf(run, target, now);
  if (isUnderWay) {
    return { name, metadata, done: false };
  }
  return failure === null
    ? { name, metadata, done: true, response: metadata }
    : {
        name,
        metadata,
        done: true,
        error: { code: statusCode(failure.status), message: failure.message },
      };
}

/** What an operation is about, as it is now: a later change of the same resource shows here, too. */
function targetOf(
  run: CloudRun,
  target: string,
  now: number,
): { readonly metadata: object; readonly isUnderWay: boolean; readonly failure: Failure | null } {
  const service = run.state.services.get(target);
  if (service !== undefined) {
    const metadata = { "@type": `${TYPE_PREFIX}Service`, ...serviceView(run, service) };
    return { metadata, isUnderWay: service.reconciling, failure: service.failure };
  }
  const job = run.state.jobs.get(target);
  if (job !== undefined) {
    const metadata = { "@type": `${TYPE_PREFIX}Job`, ...jobView(run.state, job, now) };
    return { metadata, isUnderWay: now < job.readyTime, failure: job.failure };
  }
  const execution = run.state.executions.get(target);
  if (execution !== undefined) {
    const metadata = { "@type": `${TYPE_PREFIX}Execution`, ...executionView(execution, now) };
    return { metadata, isUnderWay: now < execution.endTime, failure: executionFailure(execution) };
  }
  const message = `Resource '${target}' was deleted.`;
  return {
    metadata: {},
    isUnderWay: false,
    failure: { status: "NOT_FOUND", reason: "UNKNOWN", message },
  };
}
