import { googleError, statusCode } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { executionFailure, executionView } from "./execution-view.ts";
import { uidFor } from "./identity.ts";
import { jobView } from "./job-view.ts";
import { placeName, placeOf } from "./names.ts";
import { serviceView } from "./service-view.ts";
import type { CloudRun, Failure, OperationRecord } from "./state.ts";

/** How many operations are remembered; the service itself forgets them after some days. */
const OPERATIONS_MAX = 1000;

const TYPE_PREFIX = "type.googleapis.com/google.cloud.run.v2.";

/** The kind of resource that an operation is about; its response and metadata are of that type. */
type OperationKind = "Service" | "Revision" | "Job" | "Execution" | "Task";

/** Begins an operation that ends when its target is settled. */
export function beginOperation(run: CloudRun, target: string, now: number): Operation {
  const record: OperationRecord = {
    name: operationName(run, target, now),
    target,
    createTime: now,
    outcome: { kind: "running" },
  };
  keep(run, record);
  settleOperation(run, record, now);
  return getOperation(run, record.name, now);
}

/** What a finished operation is about; it is not stored when it only validated. */
type FinishedOperation = {
  readonly target: string;
  readonly kind: OperationKind;
  readonly response: object;
  readonly stored: boolean;
};

/** An operation that is finished when it is returned. */
export function finishedOperation(run: CloudRun, about: FinishedOperation, now: number): Operation {
  const record: OperationRecord = {
    name: operationName(run, about.target, now),
    target: about.target,
    createTime: now,
    outcome: { kind: "done", response: { "@type": TYPE_PREFIX + about.kind, ...about.response } },
  };
  if (about.stored) {
    keep(run, record);
  }
  return operationView(run, record, now);
}

/** Ends every operation whose target is settled. Doing it again changes nothing. */
export function settleOperations(run: CloudRun, now: number): void {
  for (const record of run.state.operations.values()) {
    if (record.outcome.kind === "running") {
      settleOperation(run, record, now);
    }
  }
}

/** When the next running operation of a job or of its execution ends, or null when there is none. */
export function nextJobDue(run: CloudRun): number | null {
  const { executions, jobs, operations } = run.state;
  let due: number | null = null;
  for (const { outcome, target } of operations.values()) {
    const end = executions.get(target)?.endTime ?? jobs.get(target)?.readyTime ?? null;
    if (outcome.kind === "running" && end !== null && (due === null || end < due)) {
      due = end;
    }
  }
  return due;
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
function keep(run: CloudRun, record: OperationRecord): void {
  const { operations } = run.state;
  operations.set(record.name, record);
  for (const { name, outcome } of operations.values()) {
    if (operations.size <= OPERATIONS_MAX) {
      return;
    }
    if (outcome.kind !== "running") {
      operations.delete(name);
    }
  }
}

function operationName(run: CloudRun, target: string, now: number): string {
  const parent = `${placeName(placeOf(target))}/operations`;
  for (let attempt = 0; ; attempt += 1) {
    const name = `${parent}/${uidFor(`${target}@${now}#${attempt}`)}`;
    if (!run.state.operations.has(name)) {
      return name;
    }
  }
}

function operationView(run: CloudRun, record: OperationRecord, now: number): Operation {
  const { name, outcome } = record;
  switch (outcome.kind) {
    case "running":
      return { name, metadata: targetView(run, record.target, now) ?? {}, done: false };
    case "done":
      return { name, metadata: outcome.response, done: true, response: outcome.response };
    case "failed": {
      const { status, message } = outcome.failure;
      const error = { code: statusCode(status), message };
      return { name, metadata: outcome.metadata, done: true, error };
    }
  }
}

function settleOperation(run: CloudRun, record: OperationRecord, now: number): void {
  const view = targetView(run, record.target, now);
  const failure = view === null ? gone(record.target) : targetFailure(run, record.target);
  if (view !== null && isUnderWay(run, record.target, now)) {
    return;
  }
  const outcome: OperationRecord["outcome"] =
    failure === null
      ? { kind: "done", response: view ?? {} }
      : { kind: "failed", failure, metadata: view ?? {} };
  run.state.operations.set(record.name, { ...record, outcome });
}

function isUnderWay(run: CloudRun, target: string, now: number): boolean {
  const { executions, jobs, services } = run.state;
  const end = executions.get(target)?.endTime ?? jobs.get(target)?.readyTime;
  return end === undefined ? services.get(target)?.reconciling === true : end > now;
}

function targetView(run: CloudRun, target: string, now: number): object | null {
  const { services, jobs, executions } = run.state;
  const service = services.get(target);
  if (service !== undefined) {
    return { "@type": `${TYPE_PREFIX}Service`, ...serviceView(run, service) };
  }
  const job = jobs.get(target);
  if (job !== undefined) {
    return { "@type": `${TYPE_PREFIX}Job`, ...jobView(run.state, job, now) };
  }
  const execution = executions.get(target);
  return execution === undefined
    ? null
    : { "@type": `${TYPE_PREFIX}Execution`, ...executionView(execution, now) };
}

function targetFailure(run: CloudRun, target: string): Failure | null {
  const { services, jobs, executions } = run.state;
  const execution = executions.get(target);
  return execution === undefined
    ? (services.get(target)?.failure ?? jobs.get(target)?.failure ?? null)
    : executionFailure(execution);
}

function gone(target: string): Failure {
  return { status: "NOT_FOUND", reason: "UNKNOWN", message: `Resource '${target}' was deleted.` };
}
