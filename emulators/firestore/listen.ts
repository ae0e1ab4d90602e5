import type { Message } from "../kit/call.ts";
import { type GoogleError, googleError, statusCode, toGoogleError } from "../kit/google-error.ts";
import { createMessageQueue } from "../kit/message-queue.ts";
import type { Engine, Observer } from "./engine.ts";
import {
  absences,
  catchUp,
  createTarget,
  isTouched,
  resume,
  type Target,
  type TargetRequest,
  toToken,
} from "./listen-target.ts";
import { checkDatabase } from "./resource-name.ts";
import { toTimestampText } from "./timestamp.ts";

/** A message of a listener. */
type ListenRequest = {
  readonly database?: string;
  readonly addTarget?: TargetRequest;
  readonly removeTarget?: number;
};

/** One listener's stream. */
type Listener = {
  readonly engine: Engine;
  readonly targets: Map<number, Target>;
  readonly send: (message: object) => void;
};

/**
 * Tells a listener of its targets as they are, and of every commit that changes them, until it ends.
 * Commits are never split: after each, the listener is told that it has a consistent state.
 * Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#listenresponse
 */
export async function* listen(
  engine: Engine,
  requests: AsyncIterable<Message>,
): AsyncGenerator<object> {
  const queue = createMessageQueue<object>();
  const listener: Listener = { engine, targets: new Map(), send: queue.push };
  const observer: Observer = (changes, time) => {
    const touched = [...listener.targets.values()].filter((one) => isTouched(one, changes));
    const messages = touched.flatMap((target) => catchUp(engine, target, time));
    sendAll(listener, messages);
    if (messages.length > 0) {
      listener.send(consistentAt(time));
    }
  };
  engine.observers.add(observer);
  void takeRequests(listener, requests).then(
    () => queue.end(),
    (error: unknown) => queue.end(toGoogleError(error)),
  );
  try {
    yield* queue.messages;
  } finally {
    engine.observers.delete(observer);
  }
}

async function takeRequests(listener: Listener, requests: AsyncIterable<Message>): Promise<void> {
  for await (const message of requests) {
    // The server has checked the message against the API's own; every field may be left out.
    const { database, addTarget, removeTarget } = message as ListenRequest;
    if (addTarget !== undefined) {
      addOrRefuse(listener, { request: addTarget, database: checkDatabase(database) });
    } else if (removeTarget !== undefined) {
      listener.targets.delete(removeTarget);
      listener.send({ targetChange: { targetChangeType: "REMOVE", targetIds: [removeTarget] } });
    }
  }
}

function addOrRefuse(
  listener: Listener,
  added: { readonly request: TargetRequest; readonly database: string },
): void {
  const given = added.request.targetId ?? 0;
  const id = given === 0 ? listener.targets.size + 1 : given;
  try {
    if (listener.targets.has(id)) {
      throw googleError("INVALID_ARGUMENT", `Target ${id} is listened to already.`);
    }
    const target = createTarget(listener.engine, added.request, { id, database: added.database });
    start(listener, { target, request: added.request });
  } catch (error) {
    listener.send(removal(id, toGoogleError(error)));
  }
}

function start(
  { engine, targets, send }: Listener,
  { target, request }: { readonly target: Target; readonly request: TargetRequest },
): void {
  const targetIds = [target.id];
  send({ targetChange: { targetChangeType: "ADD", targetIds } });
  const isResumed = resumeOrReset({ engine, target, request, send });
  const time = engine.timeline.readTime();
  const messages = catchUp(engine, target, time);
  const missing = isResumed ? [] : absences(target, time);
  sendAll({ engine, targets, send }, [...messages, ...missing]);
  const state = { readTime: toTimestampText(time), resumeToken: toToken(time) };
  send({ targetChange: { targetChangeType: "CURRENT", targetIds, ...state } });
  send(consistentAt(time));
  if (request.once === true) {
    send({ targetChange: { targetChangeType: "REMOVE", targetIds } });
  } else {
    targets.set(target.id, target);
  }
}

/** A listener whose token is too old is told to forget what it has, and gets everything anew. */
function resumeOrReset({
  engine,
  target,
  request,
  send,
}: {
  readonly engine: Engine;
  readonly target: Target;
  readonly request: TargetRequest;
  readonly send: (message: object) => void;
}): boolean {
  try {
    return resume(engine, target, request);
  } catch (error) {
    const refusal = toGoogleError(error);
    if (refusal.status !== "FAILED_PRECONDITION") {
      throw refusal;
    }
    send({ targetChange: { targetChangeType: "RESET", targetIds: [target.id] } });
    return false;
  }
}

function sendAll({ engine, send }: Listener, messages: readonly object[]): void {
  engine.usage.reads += messages.length;
  for (const message of messages) {
    send(message);
  }
}

function consistentAt(time: number): object {
  return { targetChange: { readTime: toTimestampText(time), resumeToken: toToken(time) } };
}

function removal(id: number, error: GoogleError): object {
  const cause = { code: statusCode(error.status), message: error.message };
  return { targetChange: { targetChangeType: "REMOVE", targetIds: [id], cause } };
}
