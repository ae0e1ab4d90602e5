import { textAt } from "../kit/access/rules.ts";
import { type Message, operation, type Unary } from "../kit/call.ts";
import { unaryOf } from "../kit/collection-methods.ts";
import { badRequest, googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import { ACTIONS } from "./actions.ts";
import { withNumbers } from "./names.ts";
import { configOf } from "./releases.ts";
import type { Kinds } from "./resources.ts";
import type { World } from "./world.ts";

/** How long a request id is remembered; the documentation promises at least 60 minutes. */
const REQUEST_MEMORY_MS = 60 * 60 * 1000;

/** A UUID, but not all zeros. */
const REQUEST_ID = /^(?!0{8}-)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Every method of google.cloud.deploy.v1.CloudDeploy that the emulator has; the rest answers UNIMPLEMENTED.
 * Source: https://cloud.google.com/deploy/docs/api/reference/rpc/google.cloud.deploy.v1
 */
export function unaryOperations(world: World, kinds: Kinds): Readonly<Record<string, Unary>> {
  const actions = Object.entries(ACTIONS).map(([method, act]): [string, Unary] => [
    method,
    operation<Message>((request) => {
      act(world, request);
      return {};
    }),
  ]);
  const methods = {
    ...unaryOf(Object.values(kinds)),
    GetConfig: operation(configOf),
    ...Object.fromEntries(actions),
  };
  return Object.fromEntries(
    Object.entries(methods).map(([method, run]) => [method, answering(world, method, run)]),
  );
}

/**
 * A method as callers have it: names may have a project's id, and a request id that was answered within the last 60
 * minutes gets the same operation again, and nothing is done.
 * Source: https://google.aip.dev/155
 */
function answering({ projects, requests, operations }: World, method: string, run: Unary): Unary {
  return async (given, call) => {
    const request = withNumbers(projects, given);
    if (request["validateOnly"] === true) {
      const text = `The emulator does not implement ${method} with validate_only.`;
      throw googleError("UNIMPLEMENTED", text);
    }
    const requestId = textAt(request, "requestId");
    if (requestId === "") {
      return run(request, call);
    }
    if (!REQUEST_ID.test(requestId)) {
      const text = `Invalid request_id "${requestId}": it must be a UUID other than zero`;
      throw badRequest("request_id", text);
    }
    const nowMs = call.clock.now();
    [...requests]
      .filter(([, { timeMs }]) => timeMs + REQUEST_MEMORY_MS < nowMs)
      .forEach(([old]) => requests.delete(old));
    const key = `${method} ${requestId}`;
    const answered = requests.get(key);
    if (answered !== undefined) {
      return operations.get(answered.operation);
    }
    const answer = await run(request, call);
    const name = isRecord(answer) ? textAt(answer, "name") : "";
    requests.set(key, { operation: name, timeMs: nowMs });
    return answer;
  };
}
