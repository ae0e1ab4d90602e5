import { toTimestamp } from "../kit/clock.ts";
import { findIn } from "./collection.ts";
import { placeOf } from "./names.ts";
import type { ByName } from "./requests.ts";
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
    endMs: now + gke.durations.operationMs,
    response: null,
  };
  operations.set(record.name, record);
  for (const { name, response } of operations.values()) {
    if (operations.size > OPERATIONS_MAX && response !== null) {
      operations.delete(name);
    }
  }
  return operationView(record);
}

/** Ends an operation: what it made is its response, the backup that it deleted is gone. */
export function endOperation({ state }: GkeBackup, record: OperationRecord): void {
  const { name, target, verb } = record;
  if (verb === "delete") {
    state.backups.delete(target);
  }
  const found = viewOf(state, target);
  const response =
    found === null ? EMPTY : { "@type": `${TYPE_PREFIX}${found.kind}`, ...found.view };
  state.operations.set(name, { ...record, response });
}

/** GetOperation */
export function getOperation({ state }: GkeBackup, { name }: ByName): object {
  return operationView(findIn(state.operations, name));
}

function operationView(record: OperationRecord): object {
  const { name, target, verb, response } = record;
  const isDone = response !== null;
  const metadata = {
    "@type": `${TYPE_PREFIX}OperationMetadata`,
    createTime: toTimestamp(record.createMs),
    ...(isDone ? { endTime: toTimestamp(record.endMs) } : {}),
    target,
    verb,
    apiVersion: "v1",
  };
  return isDone ? { name, metadata, done: true, response } : { name, metadata, done: false };
}
