import { AssertionError } from "../domain/assert.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import { NoAnswerError } from "./system-patience.ts";

type Kind = "transient" | "permanent";

/**
 * Every google.rpc.Code: its number, its name, and whether the same call may succeed later.
 * Source: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto
 */
const CODES: readonly (readonly [number: number, name: string, kind: Kind])[] = [
  [1, "CANCELLED", "transient"],
  [2, "UNKNOWN", "transient"],
  [3, "INVALID_ARGUMENT", "permanent"],
  [4, "DEADLINE_EXCEEDED", "transient"],
  [5, "NOT_FOUND", "permanent"],
  [6, "ALREADY_EXISTS", "permanent"],
  [7, "PERMISSION_DENIED", "permanent"],
  [8, "RESOURCE_EXHAUSTED", "transient"],
  [9, "FAILED_PRECONDITION", "permanent"],
  [10, "ABORTED", "transient"],
  [11, "OUT_OF_RANGE", "permanent"],
  [12, "UNIMPLEMENTED", "permanent"],
  [13, "INTERNAL", "transient"],
  [14, "UNAVAILABLE", "transient"],
  [15, "DATA_LOSS", "permanent"],
  [16, "UNAUTHENTICATED", "transient"],
];

/**
 * The code that an HTTP status stands for when the body does not say; any other is UNKNOWN.
 * Source: https://cloud.google.com/apis/design/errors#handling_errors
 */
const NAME_BY_HTTP_STATUS: ReadonlyMap<number, string> = new Map([
  [400, "INVALID_ARGUMENT"],
  [401, "UNAUTHENTICATED"],
  [403, "PERMISSION_DENIED"],
  [404, "NOT_FOUND"],
  [408, "DEADLINE_EXCEEDED"],
  [409, "ABORTED"],
  [412, "FAILED_PRECONDITION"],
  [429, "RESOURCE_EXHAUSTED"],
  [499, "CANCELLED"],
  [500, "INTERNAL"],
  [501, "UNIMPLEMENTED"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [504, "DEADLINE_EXCEEDED"],
]);

const NAME_BY_NUMBER = new Map(CODES.map(([number, name]) => [number, name]));
const KIND_BY_NAME = new Map(CODES.map(([, name, kind]) => [name, kind]));

/** An answer over HTTP that was not a success. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
  /** The google.rpc.Code's name: the body's, or else what the HTTP status stands for. */
  readonly status: string;
  /** What the body says beside it, as messages of google.rpc. */
  readonly details: readonly unknown[];

  constructor(
    httpStatus: number,
    body: {
      readonly status: string | null;
      readonly message: string;
      readonly details?: readonly unknown[];
    },
  ) {
    super(body.message);
    this.details = body.details ?? [];
    this.status = body.status ?? NAME_BY_HTTP_STATUS.get(httpStatus) ?? "UNKNOWN";
  }
}

/**
 * What a client library threw, as an error of the ports: one that may pass, or one that will not. What
 * is not known may pass. Errors of ours that name what they are about go through as they are.
 */
export function toOutsideError(error: unknown, resource: string): Error {
  if (isNamed(error)) {
    return error;
  }
  const status = statusOf(error);
  const reason = error instanceof Error ? error.message : String(error);
  const message = `${resource}: ${reason}`;
  return KIND_BY_NAME.get(status) === "permanent"
    ? new PermanentError(status, message, error)
    : new TransientError(status, message, error);
}

/** Whether an error says already what it is about. */
function isNamed(error: unknown): error is Error {
  return (
    !(error instanceof NoAnswerError) &&
    (error instanceof TransientError ||
      error instanceof PermanentError ||
      error instanceof AssertionError)
  );
}

/** The name of the google.rpc.Code of what a client library threw; UNKNOWN when it has none. */
export function statusOf(error: unknown): string {
  if (
    error instanceof TransientError ||
    error instanceof PermanentError ||
    error instanceof HttpFailure
  ) {
    return error.status;
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return (typeof code === "number" ? NAME_BY_NUMBER.get(code) : undefined) ?? "UNKNOWN";
}
