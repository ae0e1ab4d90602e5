import type { MiddlewareHandler } from "hono";
import { LostAnswerError } from "../kit/faults.ts";
import { httpRefusal } from "../kit/body.ts";
import { type GoogleError, googleError, httpStatus, type StatusName } from "../kit/google-error.ts";
import { toGoogleError } from "../kit/google-error.ts";
import { isRecord } from "../kit/json.ts";

const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

/** The reasons that refusals of this API carry, and the status of each. */
const REASONS = {
  operationInProgress: "ABORTED",
  instanceAlreadyExists: "ALREADY_EXISTS",
  instanceDoesNotExist: "NOT_FOUND",
  backupDoesNotExist: "NOT_FOUND",
  operationDoesNotExist: "NOT_FOUND",
  invalid: "INVALID_ARGUMENT",
  invalidOperation: "FAILED_PRECONDITION",
  deletionProtectionEnabled: "FAILED_PRECONDITION",
} as const satisfies Readonly<Record<string, StatusName>>;

/** Why this API refuses something. */
type Reason = keyof typeof REASONS;

/** The reasons of refusals that have none of their own, by HTTP status. */
const OTHER_REASONS: Readonly<Record<number, string>> = {
  400: "badRequest",
  404: "notFound",
  409: "conflict",
  429: "rateLimitExceeded",
  501: "notImplemented",
  503: "backendError",
};

/**
 * A refusal of this API. Over gRPC its reason is in an ErrorInfo, over HTTP in `errors[]`.
 * Source: https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1
 */
export function sqlError(reason: Reason, message: string): GoogleError {
  const info = { "@type": ERROR_INFO, reason, domain: "sqladmin.googleapis.com" };
  return googleError(REASONS[reason], message, [info]);
}

/** An INVALID_ARGUMENT. */
export function invalid(message: string): GoogleError {
  return sqlError("invalid", `Invalid request: ${message}`);
}

/** The refusal of what an instance of this kind or state cannot do. */
export function invalidOperation(): GoogleError {
  return sqlError("invalidOperation", "This operation isn't valid for this instance.");
}

/** The refusal for an instance that is not in this project. */
export function noInstance(): GoogleError {
  return sqlError("instanceDoesNotExist", "The Cloud SQL instance does not exist.");
}

/** Gives refusals over HTTP the body of this API, which has an older form than that of most. */
export function sqlErrorBodies(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (c.error !== undefined && !(c.error instanceof LostAnswerError)) {
      c.res = toResponse(toGoogleError(c.error));
    }
  };
}

function toResponse(error: GoogleError): Response {
  const { message, status, details } = error;
  const own = details.find((one) => isRecord(one) && one["@type"] === ERROR_INFO);
  if (!isRecord(own)) {
    const http = httpRefusal(error);
    const code = http.status;
    const errors = [{ message, domain: "global", reason: OTHER_REASONS[code] ?? "internalError" }];
    const rest = details.length > 0 ? { details } : {};
    return Response.json({ error: { code, message, errors, status, ...rest } }, http);
  }
  const { reason } = own;
  const code = httpStatus(status);
  const errors = [{ message, domain: "global", reason }];
  return Response.json({ error: { code, message, errors } }, { status: code });
}
