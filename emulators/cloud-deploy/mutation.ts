import type { Operation } from "../kit/operation.ts";
import { checkRequestId } from "./checks.ts";
import { locationOf } from "./names.ts";
import type { World } from "./world.ts";

/** How long a request id is remembered; the documentation promises at least 60 minutes. */
const REQUEST_MEMORY_MS = 60 * 60 * 1000;

/** The fields that every call which returns an operation has. */
export type MutationRequest = { readonly requestId?: string; readonly validateOnly?: boolean };

/** What a call would do: checked already, but not done. */
export type Plan = {
  /** The resource's name. */
  readonly target: string;
  readonly verb: "create" | "update" | "delete";
  /** The message type of the response, such as `google.cloud.deploy.v1.Release`. */
  readonly responseType: string;
  /** What the caller gets; for `validateOnly` the result to expect. */
  readonly preview: object;
  /** Does it, and returns what the caller gets. */
  readonly commit: () => object;
};

/** The response type of a deletion. */
export const EMPTY_TYPE = "google.protobuf.Empty";

/**
 * Does what a plan says as a long-running operation. A request id that was answered within the last 60
 * minutes gets the same operation again, and nothing is planned or done.
 * Source: https://google.aip.dev/155 and https://google.aip.dev/163
 * @throws GoogleError INVALID_ARGUMENT for a bad request id, and what `plan` throws.
 */
export function mutate(
  world: World,
  { method, request }: { readonly method: string; readonly request: MutationRequest },
  plan: () => Plan,
): Operation {
  const { requestId = "" } = request;
  const key = `${method} ${requestId}`;
  if (requestId !== "") {
    checkRequestId(requestId);
    forgetRequests(world);
    const answered = world.state.requests.get(key);
    if (answered !== undefined) {
      return world.operations.get(answered.operation);
    }
  }
  const planned = plan();
  if (request.validateOnly === true) {
    return finish(world, { planned, response: planned.preview, runMs: 0 });
  }
  const operation = finish(world, {
    planned,
    response: planned.commit(),
    runMs: world.timings.operationMs,
  });
  if (requestId !== "") {
    world.state.requests.set(key, { operation: operation.name, timeMs: world.now() });
  }
  return operation;
}

/** The change itself is there at once, as the real service's is; only the operation takes its time. */
function finish(
  world: World,
  {
    planned,
    response,
    runMs,
  }: { readonly planned: Plan; readonly response: object; readonly runMs: number },
): Operation {
  const typed = { "@type": `type.googleapis.com/${planned.responseType}`, ...response };
  const input = {
    parent: locationOf(planned.target),
    metadata: (times: object) => ({
      "@type": "type.googleapis.com/google.cloud.deploy.v1.OperationMetadata",
      ...times,
      target: planned.target,
      verb: planned.verb,
      apiVersion: "v1",
    }),
  };
  return runMs === 0
    ? world.operations.done({ ...input, response: typed })
    : world.operations.start({ ...input, runMs, work: () => typed });
}

function forgetRequests(world: World): void {
  for (const [key, { timeMs }] of world.state.requests) {
    if (timeMs + REQUEST_MEMORY_MS < world.now()) {
      world.state.requests.delete(key);
    }
  }
}
