import type { Clock } from "./clock.ts";
import type { Route } from "./http-rule.ts";

/** What an operation knows of the call beside the request. */
export type Call = {
  readonly clock: Clock;
  /** The RPC's name, such as `CreateRelease`. */
  readonly method: string;
  /** Who calls, where callers are checked; else null. */
  readonly member: string | null;
  /** By lower-case name; over gRPC the metadata that is text. */
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
  /** Aborted when the connection that the call came on is closed; over REST, where connections are anybody's, never. */
  readonly connection: AbortSignal;
};

/**
 * A request or an answer in the JSON form of its message: camelCase, enums by name, 64-bit integers
 * as text, times as RFC 3339, bytes as base64, fields with their default value left out.
 */
export type Message = Readonly<Record<string, unknown>>;

/** Answers one request. It throws a GoogleError to refuse. */
export type Unary = (request: Message, call: Call) => unknown;

/** Answers one request with many messages. */
export type ServerStream = (request: Message, call: Call) => AsyncIterable<unknown>;

/** Takes messages and gives messages, each when it likes. */
export type BidiStream = (requests: AsyncIterable<Message>, call: Call) => AsyncIterable<unknown>;

/** One service of an API and how it behaves, by RPC name; what is missing answers UNIMPLEMENTED. */
export type Api = {
  /** The descriptor file, such as `@google-cloud/deploy/build/protos/protos.json`. */
  readonly protos: string;
  /** Such as `google.cloud.deploy.v1.CloudDeploy`. */
  readonly service: string;
  readonly unary?: Readonly<Record<string, Unary>>;
  readonly serverStream?: Readonly<Record<string, ServerStream>>;
  readonly bidi?: Readonly<Record<string, BidiStream>>;
  /** The paths of some RPCs by name, instead of those that the descriptor file has. */
  readonly routes?: Readonly<Record<string, readonly Route[]>>;
};

/**
 * Gives an operation the type of its request. The server checks each request against the API's message
 * before it calls, so the one cast is as sound as `Request` is true to that message, in which every
 * field is optional.
 */
export function operation<Request extends object, Response = unknown>(
  run: Operate<Request, Response>,
): Unary {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the server checked the request
  return async (request, call) => run(request as Request, call);
}

/** An operation with types of its own. */
export type Operate<Request extends object, Response> = (
  request: Request,
  call: Call,
) => Response | Promise<Response>;

/** An operation of an emulator: `subject` is its state with what surrounds it. */
export type Run<Subject, Request> = (subject: Subject, request: Request, nowMs: number) => unknown;

/** Methods, by name, of operations that each have a request of their own. */
export function methodsOn<Subject>(
  subject: Subject,
  operations: Readonly<Record<string, Run<Subject, never>>>,
): Readonly<Record<string, Unary>> {
  const entries = Object.entries(operations).map(([name, run]): [string, Unary] => [
    name,
    operation<never>((request, call) => run(subject, request, call.clock.now())),
  ]);
  return Object.fromEntries(entries);
}
