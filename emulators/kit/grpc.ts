import * as grpc from "@grpc/grpc-js";
import { REQUEST_BYTES_MAX } from "./bounds.ts";
import { identifyCaller } from "./access/guard.ts";
import type { Message } from "./call.ts";
import { errorBody, type GoogleError, statusCode, toGoogleError } from "./google-error.ts";
import type { Method } from "./method.ts";
import { encodeMessage } from "./proto-json.ts";
import { statusType } from "./protos.ts";
import { createMessageQueue } from "./message-queue.ts";
import { takeTurns } from "./turns.ts";
import {
  authorize,
  type CallInput,
  type Context,
  decodeRequest,
  encodeAnswer,
  runUnary,
  startStream,
  toCall,
  unimplemented,
} from "./run-method.ts";

/** What both kinds of streams have; the union of the two types is not callable. */
type Stream = grpc.ServerWritableStream<Buffer, Uint8Array>;

/** What is aborted when a connection closes, by the address that it came from. */
export type Connections = Map<string, AbortSignal>;

type GrpcContext = Context & { readonly connections: Connections };

/** Makes a gRPC server that answers these methods; what is not among them answers UNIMPLEMENTED. */
export function createGrpcServer(methods: readonly Method[], context: GrpcContext): grpc.Server {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": REQUEST_BYTES_MAX,
    "grpc.max_send_message_length": -1,
  });
  for (const [service, group] of Map.groupBy(methods, serviceName)) {
    const definition = group.map((method) => [method.name, toDefinition(service, method)] as const);
    const handlers = group.map((method) => [method.name, toHandler(method, context)] as const);
    server.addService(Object.fromEntries(definition), Object.fromEntries(handlers));
  }
  return server;
}

function serviceName(method: Method): string {
  return method.fullName.slice(0, method.fullName.lastIndexOf("/"));
}

/** Bytes go through as they are: converting them in the handler lets a bad request be refused properly. */
function toDefinition(
  service: string,
  method: Method,
): grpc.MethodDefinition<Uint8Array, Uint8Array> {
  return {
    path: `/${service}/${method.name}`,
    requestStream: method.isRequestStream,
    responseStream: method.isResponseStream,
    requestSerialize: (bytes) => Buffer.from(bytes),
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes) => Buffer.from(bytes),
    responseDeserialize: (bytes) => bytes,
  };
}

function toHandler(method: Method, context: GrpcContext): grpc.UntypedHandleCall {
  if (method.isRequestStream) {
    return (call: grpc.ServerDuplexStream<Buffer, Uint8Array>) =>
      void serveBidi({ method, context, call });
  }
  if (method.isResponseStream) {
    return (call: grpc.ServerWritableStream<Buffer, Uint8Array>) =>
      void serveStream({ method, context, call });
  }
  return (
    call: grpc.ServerUnaryCall<Buffer, Uint8Array>,
    callback: grpc.sendUnaryData<Uint8Array>,
  ) => {
    void serveUnary({ method, context, call }, callback);
  };
}

async function serveUnary(
  {
    method,
    context,
    call,
  }: {
    readonly method: Method;
    readonly context: GrpcContext;
    readonly call: grpc.ServerUnaryCall<Buffer, Uint8Array>;
  },
  callback: grpc.sendUnaryData<Uint8Array>,
): Promise<void> {
  try {
    const answer = await runUnary({ method, context }, call.request, toInput(context, call));
    await context.saved();
    callback(null, answer);
  } catch (error) {
    callback(toStatus(toGoogleError(error)));
  }
}

async function serveStream({
  method,
  context,
  call,
}: {
  readonly method: Method;
  readonly context: GrpcContext;
  readonly call: grpc.ServerWritableStream<Buffer, Uint8Array>;
}): Promise<void> {
  await finish(call, async () => {
    await startStream(context, method);
    // Google's clients begin a stream again that ends before it has shown any sign of life.
    call.sendMetadata(new grpc.Metadata());
    if (method.serverStream === undefined) {
      throw unimplemented(method);
    }
    const request = decodeRequest(method, call.request);
    const input = toInput(context, call);
    const member = authorize({ context, method }, request, input);
    await writeAll(
      call,
      { method, context },
      method.serverStream(request, toCall(context, method, { ...input, member })),
    );
  });
}

async function serveBidi({
  method,
  context,
  call,
}: {
  readonly method: Method;
  readonly context: GrpcContext;
  readonly call: grpc.ServerDuplexStream<Buffer, Uint8Array>;
}): Promise<void> {
  await finish(asStream(call), async () => {
    await startStream(context, method);
    if (method.bidi === undefined) {
      throw unimplemented(method);
    }
    const input = toInput(context, asStream(call));
    const requests = eachAuthorized({ context, method }, readAll(call, method), input);
    const member =
      context.guard === undefined ? null : identifyCaller(context.guard, input.headers);
    await writeAll(
      asStream(call),
      { method, context },
      method.bidi(requests, toCall(context, method, { ...input, member })),
    );
  });
}

/** The messages of a stream, each checked as a request of its own. */
async function* eachAuthorized(
  called: { readonly context: Context; readonly method: Method },
  requests: AsyncIterable<Message>,
  input: CallInput,
): AsyncIterable<Message> {
  for await (const request of requests) {
    authorize(called, request, input);
    yield request;
  }
}

/** A duplex stream writes as a writable one does. */
function asStream(call: grpc.ServerDuplexStream<Buffer, Uint8Array>): Stream {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- both extend the same base
  return call as unknown as Stream;
}

async function finish(call: Stream, serve: () => Promise<void>): Promise<void> {
  try {
    await serve();
    call.end();
  } catch (error) {
    call.emit("error", toStatus(toGoogleError(error)));
  }
}

function readAll(
  call: grpc.ServerDuplexStream<Buffer, Uint8Array>,
  method: Method,
): AsyncIterable<Message> {
  const queue = createMessageQueue<Message>();
  call.on("data", (bytes: Buffer) => {
    try {
      queue.push(decodeRequest(method, bytes));
    } catch (error) {
      queue.end(toGoogleError(error));
    }
  });
  call.on("end", () => queue.end());
  call.on("cancelled", () => queue.end());
  return queue.messages;
}

/** Writes what the operation gives, as fast as the caller reads, until either side ends. */
async function writeAll(
  call: Stream,
  { method, context }: { readonly method: Method; readonly context: Context },
  answers: AsyncIterable<unknown>,
): Promise<void> {
  const iterator = answers[Symbol.asyncIterator]();
  const whileThere = waitingFor(call);
  for (;;) {
    const next = await whileThere(nextSaved(iterator, context));
    if (next === undefined || call.cancelled) {
      // Not awaited: a generator that still waits for something would hold this up for ever.
      void iterator.return?.();
      return;
    }
    if (next.done === true) {
      return;
    }
    const isTaken = call.write(encodeAnswer(method, next.value));
    await (isTaken ? takeTurns() : whileThere(drained(call)));
  }
}

async function drained(call: Stream): Promise<void> {
  return new Promise((resolve) => {
    call.once("drain", resolve);
  });
}

/** Waits for something as long as the caller is there; undefined once it has gone. */
function waitingFor(call: Stream): <T>(promise: Promise<T>) => Promise<T | undefined> {
  let isGone = false;
  // One for the whole stream: what races against one promise again and again is kept by it.
  let wake: (() => void) | undefined;
  function leave(): void {
    isGone = true;
    wake?.();
  }
  call.on("cancelled", leave);
  call.on("close", leave);
  return async (promise) =>
    new Promise((resolve, reject) => {
      wake = () => resolve(undefined);
      promise.then(resolve, reject);
      if (isGone) {
        resolve(undefined);
      }
    });
}

/** The next answer, once all that it may tell of is on disk. */
async function nextSaved<Answer>(
  answers: AsyncIterator<Answer>,
  { saved }: Context,
): Promise<IteratorResult<Answer>> {
  const next = await answers.next();
  await saved();
  return next;
}

function toInput(
  { connections }: GrpcContext,
  call: grpc.ServerUnaryCall<Buffer, Uint8Array> | Stream,
): CallInput {
  const controller = new AbortController();
  call.on("cancelled", () => controller.abort());
  const entries = Object.entries(call.metadata.getMap());
  const texts = entries.map(([name, value]) => [name, value.toString()] as const);
  const { signal } = controller;
  const connection = connections.get(call.getPeer()) ?? signal;
  return { headers: Object.fromEntries(texts), signal, connection };
}

function toStatus(error: GoogleError): grpc.ServiceError {
  const metadata = new grpc.Metadata();
  if (error.details.length > 0) {
    const { message, details } = errorBody(error).error;
    const status = { code: statusCode(error.status), message, details };
    metadata.set("grpc-status-details-bin", Buffer.from(encodeMessage(statusType(), status)));
  }
  const { name, message } = error;
  return { name, message, code: grpc.status[error.status], details: message, metadata };
}
