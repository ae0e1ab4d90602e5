import { randomUUID } from "node:crypto";
import { toTimestamp } from "../kit/clock.ts";
import { paginate } from "../kit/page.ts";
import { sqlError } from "./sql-error.ts";
import type { CloudSql, Instance, Operation, Planned } from "./state.ts";

/** What part of an operation's time it is PENDING before it is RUNNING. */
const PENDING_SHARE = 0.1;

/** How many operations are remembered. */
const OPERATIONS_MAX = 1_000;

const PAGES = { defaultSize: 100, maxSize: 1000 };

/** What a new operation is about. */
type Beginning = Pick<Operation, "operationType"> & {
  readonly target: Pick<Instance, "project" | "name">;
  readonly durationMs: number;
  readonly backupId?: string;
};

/** What is under way on an instance; undefined where nothing is. */
export function underWay(
  { state }: CloudSql,
  { project, name }: Pick<Instance, "project" | "name">,
  nowMs: number,
): Operation | undefined {
  return [...state.operations.values()].findLast(
    ({ targetProject, targetId, endTime }) =>
      targetProject === project && targetId === name && nowMs < Date.parse(endTime),
  );
}

/**
 * Begins an operation, which keeps its instance busy until it ends, and gives it as it will have ended.
 * Source: https://cloud.google.com/sql/docs/postgres/troubleshooting
 * @throws GoogleError ABORTED with the reason operationInProgress when another one does
 */
export function begin(sql: CloudSql, beginning: Beginning, nowMs: number): Operation {
  const { operationType, target, durationMs, backupId } = beginning;
  if (underWay(sql, target, nowMs) !== undefined) {
    throw sqlError(
      "operationInProgress",
      "Operation failed because another operation was already in progress.",
    );
  }
  const message = takeFailure(sql, target.name, operationType);
  const operation = {
    name: randomUUID(),
    operationType,
    targetId: target.name,
    targetProject: target.project,
    insertTime: toTimestamp(nowMs),
    startTime: toTimestamp(nowMs + Math.floor(durationMs * PENDING_SHARE)),
    endTime: toTimestamp(nowMs + durationMs),
    ...(backupId !== undefined && { backupContext: { backupId } }),
    ...(message !== null && { error: { errors: [{ code: "INTERNAL_ERROR", message }] } }),
  };
  keep(sql, operation, nowMs);
  return operation;
}

/** Keeps an operation; of too many the oldest that are done are forgotten. */
function keep({ state: { operations } }: CloudSql, operation: Operation, nowMs: number): void {
  operations.set(operation.name, operation);
  for (const { name, endTime } of operations.values()) {
    if (operations.size > OPERATIONS_MAX && Date.parse(endTime) <= nowMs) {
      operations.delete(name);
    }
  }
}

function takeFailure(
  { state: { failures } }: CloudSql,
  instance: string,
  operation: Operation["operationType"],
): string | null {
  const [key = "", planned] =
    [...failures].find(([, one]) => one.instance === instance && one.operation === operation) ?? [];
  failures.delete(key);
  return planned?.message ?? null;
}

/** What was begun as it is now, with the word for how far it is: what lies ahead is not told yet. */
export function soFar(
  planned: Planned,
  [before, during, after]: readonly [before: string, during: string, after: string],
  nowMs: number,
): object {
  const { startTime, endTime, error: _error, ...begun } = planned;
  if (nowMs < Date.parse(startTime)) {
    return { ...begun, status: before };
  }
  return nowMs < Date.parse(endTime)
    ? { ...begun, startTime, status: during }
    : { ...planned, status: after };
}

/** An operation as it is now; one that failed is DONE too. */
export function showOperation(operation: Operation, nowMs: number): object {
  return soFar(operation, ["PENDING", "RUNNING", "DONE"], nowMs);
}

/** SqlOperationsService.Get */
export function getOperation(
  { state }: CloudSql,
  { project, operation = "" }: { readonly project?: string; readonly operation?: string },
  nowMs: number,
): object {
  const found = state.operations.get(operation);
  if (found === undefined || found.targetProject !== project) {
    throw sqlError("operationDoesNotExist", "The Cloud SQL instance operation does not exist.");
  }
  return showOperation(found, nowMs);
}

/** A page of a list, in which this API says `maxResults` where others say `pageSize`. */
export type ListRequest = {
  readonly project?: string;
  readonly instance?: string;
  readonly filter?: string;
  readonly maxResults?: number;
  readonly pageToken?: string;
};

/** SqlOperationsService.List: the newest first, of one instance or of all. */
export function listOperations({ state }: CloudSql, request: ListRequest, nowMs: number): object {
  const { project, instance = "" } = request;
  const found = [...state.operations.values()].filter(
    (one) => one.targetProject === project && (instance === "" || one.targetId === instance),
  );
  return listOf(found.toReversed(), request, (one) => showOperation(one, nowMs));
}

/** One page of a list as this API answers it. */
export function listOf<T>(
  found: readonly T[],
  { maxResults: pageSize, pageToken }: ListRequest,
  show: (one: T) => object,
): object {
  const { items, nextPageToken } = paginate(found, { pageSize, pageToken }, PAGES);
  return { items: items.map(show), nextPageToken };
}
