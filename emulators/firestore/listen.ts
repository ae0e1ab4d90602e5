import type { Message } from "../kit/call.ts";
import { type GoogleError, googleError, statusCode, toGoogleError } from "../kit/google-error.ts";
import { createMessageQueue } from "../kit/message-queue.ts";
import { type Change, type Document, LATEST, readDocument } from "./documents.ts";
import { checkReadTime, type Engine, type Observer } from "./engine.ts";
import { requireIndexes } from "./index-rules.ts";
import { isAffected, prepareQuery, type Query, runQuery } from "./query.ts";
import type { StructuredQuery } from "./query-request.ts";
import { toWire } from "./reading.ts";
import { checkDatabase, checkDocumentName } from "./resource-name.ts";
import { toMicros, toTimestampText } from "./timestamp.ts";

/**
 * What a listener asks for.
 * Source: https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#target
 */
type TargetRequest = {
  readonly query?: { readonly parent?: string; readonly structuredQuery?: StructuredQuery };
  readonly documents?: { readonly documents?: readonly string[] };
  readonly resumeToken?: string;
  readonly readTime?: string;
  readonly targetId?: number;
  readonly once?: boolean;
};

/** What is being listened to, and what the listener was told. */
type Target = {
  readonly id: number;
  /** Null for a target of documents. */
  readonly query: Query | null;
  /** The documents of a target of documents. */
  readonly names: ReadonlySet<string>;
  /** The update times of the documents that the listener has, by name. */
  sent: ReadonlyMap<string, number>;
};

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
      addOrRefuse(listener, addTarget, checkDatabase(database));
    } else if (removeTarget !== undefined) {
      listener.targets.delete(removeTarget);
      listener.send({ targetChange: { targetChangeType: "REMOVE", targetIds: [removeTarget] } });
    }
  }
}

function addOrRefuse(listener: Listener, request: TargetRequest, database: string): void {
  const { targetId = 0 } = request;
  const id = targetId === 0 ? listener.targets.size + 1 : targetId;
  try {
    if (listener.targets.has(id)) {
      throw googleError("INVALID_ARGUMENT", `Target ${id} is listened to already.`);
    }
    start(listener, createTarget(listener.engine, request, { id, database }), request);
  } catch (error) {
    listener.send(removal(id, toGoogleError(error)));
  }
}

function start(listener: Listener, target: Target, request: TargetRequest): void {
  const { engine, targets, send } = listener;
  const targetIds = [target.id];
  send({ targetChange: { targetChangeType: "ADD", targetIds } });
  const isResumed = resumeOrReset(listener, target, request);
  const time = engine.timeline.readTime();
  const messages = catchUp(engine, target, time);
  const missing = isResumed ? [] : absences(target, time);
  sendAll(listener, [...messages, ...missing]);
  const now = consistentAt(time);
  send({ targetChange: { targetChangeType: "CURRENT", targetIds, ...now.targetChange } });
  send(now);
  if (request.once === true) {
    send({ targetChange: { targetChangeType: "REMOVE", targetIds } });
  } else {
    targets.set(target.id, target);
  }
}

/** A listener whose token is too old is told to forget what it has, and gets everything anew. */
function resumeOrReset(
  { engine, send }: Listener,
  target: Target,
  request: TargetRequest,
): boolean {
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

function consistentAt(time: number): { readonly targetChange: object } {
  return { targetChange: { readTime: toTimestampText(time), resumeToken: toToken(time) } };
}

function removal(id: number, error: GoogleError): object {
  const cause = { code: statusCode(error.status), message: error.message };
  return { targetChange: { targetChangeType: "REMOVE", targetIds: [id], cause } };
}

/**
 * Makes a target that was told nothing yet.
 * @throws GoogleError INVALID_ARGUMENT for a bad query or name, FAILED_PRECONDITION for a query without an index.
 */
function createTarget(
  { admin }: Engine,
  request: TargetRequest,
  { id, database }: { readonly id: number; readonly database: string },
): Target {
  const { query, documents } = request;
  if (query !== undefined) {
    requireIndexes(admin, query.parent, query.structuredQuery ?? {});
    const prepared = prepareQuery(query.parent, query.structuredQuery ?? {});
    return { id, query: prepared, names: new Set(), sent: new Map() };
  }
  if (documents === undefined) {
    throw googleError("INVALID_ARGUMENT", "A target must be a query or documents.");
  }
  const names = (documents.documents ?? []).map((name) => checkDocumentName(name, database));
  return { id, query: null, names: new Set(names), sent: new Map() };
}

/** Whether a commit may change what the listener sees. */
function isTouched({ query, names }: Target, changes: readonly Change[]): boolean {
  return changes.some((change) =>
    query === null ? names.has(change.name) : isAffected(query, change),
  );
}

/**
 * Assumes that the listener has what it had at the time it resumes from, if it gives one.
 * @throws GoogleError FAILED_PRECONDITION when that is no longer known.
 */
function resume(engine: Engine, target: Target, request: TargetRequest): boolean {
  const { resumeToken = "", readTime } = request;
  if (resumeToken === "" && readTime === undefined) {
    return false;
  }
  const at = readTime === undefined ? fromToken(resumeToken) : toMicros(readTime);
  // A time to come is of another run, whose clock was ahead: nothing is known of what the listener has.
  checkReadTime(engine, at > engine.timeline.readTime() ? 0 : at);
  target.sent = toSent(results(engine, target, at));
  return true;
}

/** What the listener must be told to have the state as it is now. */
function catchUp(engine: Engine, target: Target, time: number): readonly object[] {
  const found = results(engine, target, LATEST);
  const next = toSent(found);
  const gone = [...target.sent.keys()].filter((name) => !next.has(name));
  const changed = found.filter(({ name, updateTime }) => target.sent.get(name) !== updateTime);
  target.sent = next;
  return [
    ...changed.map((document) => ({
      documentChange: {
        document: toWire(document, target.query?.mask),
        targetIds: [target.id],
      },
    })),
    ...gone.map((document) => departure(engine, { document, id: target.id, time })),
  ];
}

/** That the documents of a target which do not exist, do not: said once, when listening begins. */
function absences(target: Target, time: number): readonly object[] {
  const missing = [...target.names].filter((name) => !target.sent.has(name));
  return missing.map((document) => ({ documentDelete: deletion(document, target.id, time) }));
}

/** A token by which a listener can resume from a time. */
function toToken(time: number): string {
  return Buffer.from(String(time)).toString("base64");
}

function fromToken(token: string): number {
  const time = Number(Buffer.from(token, "base64").toString());
  if (!Number.isSafeInteger(time)) {
    throw googleError("INVALID_ARGUMENT", "Invalid resume token.");
  }
  return time;
}

function results(engine: Engine, { query, names }: Target, at: number): readonly Document[] {
  if (query !== null) {
    return runQuery(query, engine.documents, at);
  }
  return [...names].flatMap((name) => readDocument(engine.documents, name, at) ?? []);
}

function toSent(documents: readonly Document[]): ReadonlyMap<string, number> {
  return new Map(documents.map(({ name, updateTime }) => [name, updateTime]));
}

/** A document that is deleted is gone for everybody; one that only left the results is removed. */
function departure(
  engine: Engine,
  { document, id, time }: { readonly document: string; readonly id: number; readonly time: number },
): object {
  const isDeleted = readDocument(engine.documents, document, LATEST) === null;
  const message = deletion(document, id, time);
  return isDeleted ? { documentDelete: message } : { documentRemove: message };
}

function deletion(document: string, id: number, time: number): object {
  return { document, removedTargetIds: [id], readTime: toTimestampText(time) };
}
