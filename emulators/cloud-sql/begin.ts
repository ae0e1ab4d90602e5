import { uuidFor } from "./identity.ts";
import { operationInProgress } from "./sql-error.ts";
import {
  type CloudSql,
  countUp,
  type OperationRecord,
  type OperationType,
  type PlannedFailure,
  type State,
  toKey,
  type Work,
} from "./state.ts";

/** What part of an operation's time it is PENDING before it is RUNNING. */
const PENDING_SHARE = 0.1;

/** How many operations are remembered. */
const OPERATIONS_MAX = 1_000;

/** A project and the name of an instance in it. */
type Place = { readonly project: string; readonly name: string };

/** What a new operation is about. */
type Beginning = {
  readonly target: Place;
  readonly type: OperationType;
  readonly work: Work;
  readonly durationMs: number;
};

/** Whether an operation is under way on an instance. */
export function isBusy(state: State, { project, name }: Place): boolean {
  for (const { phase, ...one } of state.operations.values()) {
    if (phase !== "DONE" && one.project === project && one.instance === name) {
      return true;
    }
  }
  return false;
}

/**
 * Refuses what has to wait for the operation that is under way on an instance.
 * Source: https://cloud.google.com/sql/docs/postgres/troubleshooting
 * @throws GoogleError ABORTED with the reason operationInProgress
 */
export function requireIdle(state: State, place: Place): void {
  if (isBusy(state, place)) {
    throw operationInProgress();
  }
}

/**
 * Begins an operation: from now on it keeps its instance busy, and the clock moves it.
 * @throws GoogleError ABORTED when it is busy.
 */
export function begin(run: CloudSql, beginning: Beginning, now: number): OperationRecord {
  const { state } = run;
  const { target, type, work, durationMs } = beginning;
  requireIdle(state, target);
  const operation: OperationRecord = {
    name: uuidFor(`operation ${countUp(state, "operations")} of ${toKey(target)}`),
    project: target.project,
    instance: target.name,
    type,
    phase: "PENDING",
    insertMs: now,
    startMs: now + Math.floor(durationMs * PENDING_SHARE),
    endMs: now + durationMs,
    failure: takeFailure(state, target, type),
    work,
  };
  keep(state, operation);
  return operation;
}

/** Keeps an operation; of too many the oldest that are done are forgotten. */
function keep({ operations }: State, operation: OperationRecord): void {
  operations.set(operation.name, operation);
  for (const { name, phase } of operations.values()) {
    if (operations.size <= OPERATIONS_MAX) {
      return;
    }
    if (phase === "DONE") {
      operations.delete(name);
    }
  }
}

function takeFailure(state: State, target: Place, type: OperationType): string | null {
  const [key, planned] = [...state.failures].find(([, one]) => isMeant(one, target, type)) ?? [];
  state.failures.delete(key ?? "");
  return planned?.message ?? null;
}

function isMeant(planned: PlannedFailure, target: Place, type: OperationType): boolean {
  const { instance, operation, project = target.project } = planned;
  return instance === target.name && project === target.project && operation === type;
}
