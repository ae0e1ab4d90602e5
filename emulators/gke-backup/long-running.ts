import { toTimestamp } from "../kit/clock.ts";
import { statusCode } from "../kit/google-error.ts";
import { listPage, type GkeRequest } from "./request.ts";
import { placeOf } from "./names.ts";
import { notFound } from "./refusal.ts";
import { countUp, type GkeBackup, type OperationRecord, type Verb } from "./state.ts";
import { viewOf } from "./views.ts";

const TYPE_PREFIX = "type.googleapis.com/google.cloud.gkebackup.v1.";
const EMPTY = { "@type": "type.googleapis.com/google.protobuf.Empty" };

/** How many operations are remembered. */
const OPERATIONS_MAX = 1_000;

/** Begins an operation on a resource and answers it. */
export function begin(
  gke: GkeBackup,
  { target, verb }: { readonly target: string; readonly verb: Verb },
  now: number,
): object {
  const { operations } = gke.state;
  const number = countUp(gke.state, "operations").toString(16).padStart(8, "0");
  const record: OperationRecord = {
    name: `${placeOf(target)}/operations/operation-${now}-${number}`,
    target,
    verb,
    createMs: now,
    endMs: now + gke.operationMs,
    requestedCancellation: false,
    outcome: { kind: "running" },
  };
  operations.set(record.name, record);
  for (const { name, outcome } of operations.values()) {
    if (operations.size > OPERATIONS_MAX && outcome.kind !== "running") {
      operations.delete(name);
    }
  }
  return operationView(record);
}

/** Ends an operation: what it made or changed is its response, what it deleted is gone. */
export function endOperation({ state }: GkeBackup, record: OperationRecord): void {
  const { name, target, verb } = record;
  if (verb === "delete") {
    forget({ state }, target);
  }
  const found = viewOf(state, target);
  const response =
    found === null ? EMPTY : { "@type": `${TYPE_PREFIX}${found.kind}`, ...found.view };
  state.operations.set(name, { ...record, outcome: { kind: "done", response } });
}

/** GetOperation */
export function getOperation(gke: GkeBackup, request: GkeRequest): object {
  return operationView(findOperation(gke, request.name));
}

/** ListOperations: oldest first. */
export function listOperations(gke: GkeBackup, request: GkeRequest): object {
  const views = [...gke.state.operations.values()]
    .filter(({ name }) => name.startsWith(`${request.name}/operations/`))
    .map(operationView);
  const { items, nextPageToken } = listPage(views, request);
  return { operations: items, nextPageToken };
}

/** CancelOperation: what is being created is not; other work goes on to its end. */
export function cancelOperation(gke: GkeBackup, request: GkeRequest): object {
  const record = findOperation(gke, request.name);
  if (record.outcome.kind !== "running") {
    return {};
  }
  const isCreate = record.verb === "create";
  if (isCreate) {
    forget(gke, record.target);
  }
  gke.state.operations.set(record.name, {
    ...record,
    requestedCancellation: true,
    outcome: isCreate ? { kind: "cancelled" } : record.outcome,
  });
  return {};
}

/** DeleteOperation: what it was about goes on. */
export function deleteOperation(gke: GkeBackup, request: GkeRequest): object {
  const { name, outcome } = findOperation(gke, request.name);
  if (outcome.kind !== "running") {
    gke.state.operations.delete(name);
  }
  return {};
}

function findOperation({ state }: GkeBackup, name: string): OperationRecord {
  const record = state.operations.get(name);
  if (record === undefined) {
    throw notFound(name);
  }
  return record;
}

/** With a plan or backup goes what is in it. */
function forget({ state }: Pick<GkeBackup, "state">, target: string): void {
  for (const records of [state.backupPlans, state.backups, state.restorePlans, state.restores]) {
    for (const name of records.keys()) {
      if (name === target || name.startsWith(`${target}/`)) {
        records.delete(name);
      }
    }
  }
}

function operationView(record: OperationRecord): object {
  const { name, target, verb, outcome } = record;
  const isDone = outcome.kind !== "running";
  const metadata = {
    "@type": `${TYPE_PREFIX}OperationMetadata`,
    createTime: toTimestamp(record.createMs),
    ...(isDone ? { endTime: toTimestamp(record.endMs) } : {}),
    target,
    verb,
    requestedCancellation: record.requestedCancellation,
    apiVersion: "v1",
  };
  switch (outcome.kind) {
    case "running":
      return { name, metadata, done: false };
    case "done":
      return { name, metadata, done: true, response: outcome.response };
    case "cancelled": {
      const error = { code: statusCode("CANCELLED"), message: "The operation was cancelled." };
      return { name, metadata, done: true, error };
    }
  }
}
