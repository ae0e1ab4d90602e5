import * as grpc from "@grpc/grpc-js";
import type { Socket } from "node:net";
import { REQUEST_BYTES_MAX } from "./body.ts";
import type { Message } from "./call.ts";
import { errorBody, type GoogleError, statusCode, toGoogleError } from "./google-error.ts";
import { decodeRequest, encodeAnswer, type Method } from "./method.ts";
import { encodeMessage } from "./proto-json.ts";
import { statusType } from "./protos.ts";
import { createMessageQueue } from "./message-queue.ts";
import { takeTurns } from "./turns.ts";
import { type CallInput, type Context, runStream, runUnary, startStream } from "./run-method.ts";

type Unary = grpc.ServerUnaryCall<Uint8Array, Uint8Array>;

/** On the wire a stream of answers to one request is as good as one to many. */
type Stream = grpc.ServerDuplexStream<Uint8Array, Uint8Array>;

function isStream({ isRequestStream, isResponseStream }: Method): boolean {
  return isRequestStream || isResponseStream;
}

type GrpcContext = Context & {
  /** What is aborted when a connection closes, by the address that it came from. */
  readonly connections: ReadonlyMap<string, AbortSignal>;
};

/** Speaks gRPC on the connections that it is given. */
type GrpcServer = {
  readonly take: (socket: Socket) => void;
  /** Cuts every connection. */
  readonly close: () => void;
};

/** Makes a gRPC server that answers these methods; what is not among them answers UNIMPLEMENTED. */
export function createGrpcServer(methods: readonly Method[], context: Context): GrpcServer {
  const connections = new Map<string, AbortSignal>();
  const server = createServer(methods, { ...context, connections });
  const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  return {
    take: (socket) => {
      const controller = new AbortController();
      const peer = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? ""}`;
      connections.set(peer, controller.signal);
      socket.once("close", () => {
        connections.delete(peer);
        controller.abort();
      });
      injector.injectConnection(socket);
    },
    close: () => server.forceShutdown(),
  };
}

function createServer(methods: readonly Method[], context: GrpcContext): grpc.Server {
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
    requestStream: isStream(method),
    responseStream: isStream(method),
    requestSerialize: (bytes) => Buffer.from(bytes),
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes) => Buffer.from(bytes),
    responseDeserialize: (bytes) => bytes,
  };
}

function toHandler(method: Method, context: GrpcContext): grpc.UntypedHandleCall {
  if (isStream(method)) {
    return (call: Stream) => void serveStream({ method, context, call });
  }
  return (call: Unary, callback: grpc.sendUnaryData<Uint8Array>) => {
    void serveUnary({ method, context, call }, callback);
  };
}

type Served<Call> = {
  readonly method: Method;
  readonly context: GrpcContext;
  readonly call: Call;
};

async function serveUnary(
  { method, context, call }: Served<Unary>,
  callback: grpc.sendUnaryData<Uint8Array>,
): Promise<void> {
  try {
    const request = decodeRequest(method, call.request);
    const answer = await runUnary({ method, context }, request, toInput(context, call));
    const bytes = encodeAnswer(method, answer);
    await context.saved();
    callback(null, bytes);
  } catch (error) {
    callback(toStatus(toGoogleError(error)));
  }
}

async function serveStream({ method, context, call }: Served<Stream>): Promise<void> {
  const requests = readAll(call, method);
  try {
    await startStream({ context, method });
    if (!method.isRequestStream) {
      // Google's clients begin a stream again that ends before it has shown any sign of life.
      call.sendMetadata(new grpc.Metadata());
    }
    const answers = runStream({ method, context }, requests, toInput(context, call));
    await writeAll({ call, method, context }, answers);
    call.end();
  } catch (error) {
    call.emit("error", toStatus(toGoogleError(error)));
  }
}

async function* readAll(call: Stream, method: Method): AsyncIterable<Message> {
  const queue = createMessageQueue<Uint8Array>();
  call.on("data", queue.push);
  call.on("end", () => queue.end());
  call.on("cancelled", () => queue.end());
  for await (const bytes of queue.messages) {
    yield decodeRequest(method, bytes);
  }
}

/** Writes what the operation gives, as fast as the caller reads, until either side ends. */
async function writeAll(
  { call, method, context }: Served<Stream>,
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

function toInput({ connections }: GrpcContext, call: Unary | Stream): CallInput {
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
