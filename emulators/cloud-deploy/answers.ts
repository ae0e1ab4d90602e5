import { textAt } from "../kit/access/rules.ts";
import { type Message, operation, type Unary } from "../kit/call.ts";
import type { Begin } from "../kit/collection.ts";
import { googleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";
import type { Operation } from "../kit/operation.ts";
import { checkRequestId } from "./checks.ts";
import { locationOf, withNumbers } from "./names.ts";
import { notifyResource } from "./notify.ts";
import { PACKAGE } from "./resources.ts";
import type { World } from "./world.ts";

/** How long a request id is remembered; the documentation promises at least 60 minutes. */
const REQUEST_MEMORY_MS = 60 * 60 * 1000;

/**
 * The methods as callers have them: names may have a project's id, and a request id that was answered within the last
 * 60 minutes gets the same operation again, and nothing is done.
 * Source: https://google.aip.dev/155
 */
export function answering(
  world: World,
  methods: Readonly<Record<string, Unary>>,
): Readonly<Record<string, Unary>> {
  const entries = Object.entries(methods).map(([method, run]): [string, Unary] => [
    method,
    operation<Message>(async (given, call) => {
      const request = withNumbers(world.projects, given);
      if (request["validateOnly"] === true) {
        throw googleError(
          "UNIMPLEMENTED",
          `The emulator does not implement ${method} with validate_only.`,
        );
      }
      const requestId = textAt(request, "requestId");
      const key = `${method} ${requestId}`;
      if (requestId === "") {
        return run(request, call);
      }
      checkRequestId(requestId);
      const known = answerOf(world, key);
      if (known !== null) {
        return known;
      }
      const answer = await run(request, call);
      const operationName = isRecord(answer) ? textAt(answer, "name") : "";
      world.requests.set(key, { operation: operationName, timeMs: world.now() });
      return answer;
    }),
  ]);
  return Object.fromEntries(entries);
}

function answerOf({ requests, operations, now }: World, key: string): Operation | null {
  const isOld = ({ timeMs }: { readonly timeMs: number }): boolean =>
    timeMs + REQUEST_MEMORY_MS < now();
  [...requests].filter(([, one]) => isOld(one)).forEach(([old]) => requests.delete(old));
  const answered = requests.get(key);
  return answered === undefined ? null : operations.get(answered.operation);
}

/**
 * Tells of what was created or changed, lets begin what begins with it, and answers by an operation. The change itself
 * is there at once, as the real service's is; only the operation takes its time.
 */
export function answerWith(
  world: World,
  { target, verb, type, response }: Parameters<Begin>[0],
  begin?: () => void,
): object {
  if (response !== null) {
    const action = verb === "create" ? "Create" : "Update";
    notifyResource(world, action, { type, name: target, ...response() });
  }
  begin?.();
  const typed =
    response === null
      ? { "@type": "type.googleapis.com/google.protobuf.Empty" }
      : { "@type": `type.googleapis.com/${PACKAGE}.${type}`, ...response() };
  const input = {
    parent: locationOf(target),
    metadata: (times: object) => ({
      "@type": `type.googleapis.com/${PACKAGE}.OperationMetadata`,
      ...times,
      target,
      verb,
      apiVersion: "v1",
    }),
  };
  const runMs = world.timings.operationMs;
  return runMs === 0
    ? world.operations.done({ ...input, response: typed })
    : world.operations.start({ ...input, runMs, work: () => typed });
}
