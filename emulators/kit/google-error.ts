import { isRecord } from "./json.ts";

/**
 * The codes of google.rpc.Code with the HTTP status each is answered with.
 * Source: https://cloud.google.com/apis/design/errors and https://google.aip.dev/193
 */
const CODES = {
  CANCELLED: { code: 1, http: 499 },
  UNKNOWN: { code: 2, http: 500 },
  INVALID_ARGUMENT: { code: 3, http: 400 },
  DEADLINE_EXCEEDED: { code: 4, http: 504 },
  NOT_FOUND: { code: 5, http: 404 },
  ALREADY_EXISTS: { code: 6, http: 409 },
  PERMISSION_DENIED: { code: 7, http: 403 },
  RESOURCE_EXHAUSTED: { code: 8, http: 429 },
  FAILED_PRECONDITION: { code: 9, http: 400 },
  ABORTED: { code: 10, http: 409 },
  OUT_OF_RANGE: { code: 11, http: 400 },
  UNIMPLEMENTED: { code: 12, http: 501 },
  INTERNAL: { code: 13, http: 500 },
  UNAVAILABLE: { code: 14, http: 503 },
  DATA_LOSS: { code: 15, http: 500 },
  UNAUTHENTICATED: { code: 16, http: 401 },
} as const;

/** The name of an error code of google.rpc.Code. */
export type StatusName = keyof typeof CODES;

/** Every name of an error code. */
export const STATUS_NAMES: readonly string[] = Object.keys(CODES);

/** Whether a text is the name of an error code. */
export function isStatusName(text: string): text is StatusName {
  return Object.hasOwn(CODES, text);
}

/**
 * The longest text of a refusal. It may show what a caller sent, and over gRPC it is a header, whose length has a limit:
 * a longer one would end the connection, and all calls on it.
 */
const TEXT_LENGTH_MAX = 2000;

/**
 * A refusal as Google's APIs give it. Over gRPC it becomes a status, over HTTP the body of `errorBody`.
 * Each detail is JSON with `@type`, such as `type.googleapis.com/google.rpc.BadRequest`.
 */
export class GoogleError extends Error {
  override readonly name = "GoogleError";
  readonly status: StatusName;
  readonly details: readonly unknown[];

  constructor(status: StatusName, message: string, details: readonly unknown[]) {
    super(shorten(message));
    this.status = status;
    this.details = details.map(withShortTexts);
  }
}

function shorten(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX).toWellFormed()}…` : text;
}

function withShortTexts(value: unknown): unknown {
  if (typeof value === "string") {
    return shorten(value);
  }
  if (Array.isArray(value)) {
    return value.map(withShortTexts);
  }
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withShortTexts(one)]))
    : value;
}

/** Makes a refusal to throw. */
export function googleError(
  status: StatusName,
  message: string,
  details: readonly unknown[] = [],
): GoogleError {
  return new GoogleError(status, message, details);
}

/** An INVALID_ARGUMENT that names the field at fault in a google.rpc.BadRequest detail; an empty one is the whole request. */
export function badRequest(field: string, description: string): GoogleError {
  return googleError("INVALID_ARGUMENT", description, [
    {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      fieldViolations: [{ ...(field !== "" && { field }), description }],
    },
  ]);
}

/**
 * What went wrong, as a refusal: a caller who has gone is CANCELLED, and anything else that is none is a bug here and
 * becomes INTERNAL. Where in the code it was is a warning of the process, and not told to callers.
 */
export function toGoogleError(error: unknown): GoogleError {
  if (error instanceof GoogleError) {
    return error;
  }
  if (error instanceof Error && "code" in error && error.code === "ECONNRESET") {
    return googleError("CANCELLED", "The caller has gone in the middle of its request.");
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  process.emitWarning(stack, "EmulatorFailure");
  return googleError("INTERNAL", `The emulator failed: ${message}`);
}

/** The number of a code, as gRPC sends it. */
export function statusCode(status: StatusName): number {
  return CODES[status].code;
}

/** The HTTP status that a code is answered with. */
export function httpStatus(status: StatusName): number {
  return CODES[status].http;
}

/** The body of the HTTP answer for a refusal. */
export function errorBody({ status, message, details }: GoogleError): {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly status: StatusName;
    readonly details?: readonly unknown[];
  };
} {
  const code = httpStatus(status);
  return { error: { code, message, status, ...(details.length > 0 ? { details } : {}) } };
}

/** The refusal of a call that is not there: gcloud takes a NOT_FOUND for a resource that is missing, and says so. */
export function notServed(verb: string, path: string): GoogleError {
  return googleError("UNIMPLEMENTED", `The emulator does not implement ${verb} ${path}.`);
}
