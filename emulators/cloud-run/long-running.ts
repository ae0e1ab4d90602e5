import { randomUUID } from "node:crypto";
import type { Message } from "../kit/call.ts";
import { toMessage } from "../kit/collection-fields.ts";
import { googleError, statusCode } from "../kit/google-error.ts";
import type { Operation } from "../kit/operation.ts";
import { placeOf, REFUSALS } from "./names.ts";
import type { CloudRun, Failure, OperationRecord } from "./state.ts";

/** How many operations are remembered; the service itself forgets them after some days. */
const OPERATIONS_MAX = 1000;

const TYPE_PREFIX = "type.googleapis.com/google.cloud.run.v2.";

/** Begins an operation that ends when its target is settled. */
export function beginOperation(run: CloudRun, target: string): Operation {
  return keep(run, target, null);
}

/** An operation that is finished when it is returned, such as that of a deletion. */
export function endOperation(
  run: CloudRun,
  {
    type,
    response,
  }: { readonly type: string; readonly response: Message & { readonly name: string } },
): Operation {
  return keep(run, response.name, { "@type": TYPE_PREFIX + type, ...response });
}

/** Keeps an operation; of too many the oldest are forgotten, up to the first that is not finished. */
function keep(run: CloudRun, target: string, response: object | null): Operation {
  const { operations } = run;
  const { project, location } = placeOf(target);
  const name = `projects/${project}/locations/${location}/operations/${randomUUID()}`;
  const record = { name, target, response };
  operations.set(name, record);
  for (const one of operations.values()) {
    if (operations.size <= OPERATIONS_MAX || operationView(run, one).done !== true) {
      break;
    }
    operations.delete(one.name);
  }
  return operationView(run, record);
}

/**
 * One operation.
 * @throws GoogleError NOT_FOUND
 */
export function getOperation(run: CloudRun, name: string): Operation {
  const record = run.operations.get(name);
  if (record === undefined) {
    throw googleError("NOT_FOUND", `Operation '${name}' does not exist.`);
  }
  return operationView(run, record);
}

/** Its target shows as it is now: a later change of the same resource shows here, too. */
function operationView(run: CloudRun, { name, target, response }: OperationRecord): Operation {
  if (response !== null) {
    return { name, metadata: response, done: true, response };
  }
  const kind = [run.services, run.jobs, run.executions].find(({ records }) => records.has(target));
  if (kind === undefined) {
    return { name, done: true, error: toStatus(REFUSALS.notFound(target)) };
  }
  const shown = toMessage(kind.run.get({ name: target }, run.now()));
  const metadata = { "@type": TYPE_PREFIX + kind.kind.type, ...shown };
  if (shown["reconciling"] === true) {
    return { name, metadata, done: false };
  }
  const failure = kind.records.get(target)?.hidden.failure ?? null;
  const end = failure === null ? { response: metadata } : { error: toStatus(failure) };
  return { name, metadata, done: true, ...end };
}

function toStatus({
  status,
  message,
}: Pick<Failure, "status" | "message">): NonNullable<Operation["error"]> {
  return { code: statusCode(status), message };
}
