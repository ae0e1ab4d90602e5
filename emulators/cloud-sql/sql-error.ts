import type { MiddlewareHandler } from "hono";
import { LostAnswerError } from "../kit/faults.ts";
import { httpRefusal } from "../kit/body.ts";
import {
  type GoogleError,
  googleError,
  type StatusName,
  toGoogleError,
} from "../kit/google-error.ts";
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
  const http = httpRefusal(error);
  const code = http.status;
  const own = details.find((one) => isRecord(one) && one["@type"] === ERROR_INFO);
  const reason = isRecord(own) ? own["reason"] : (OTHER_REASONS[code] ?? "internalError");
  const errors = [{ message, domain: "global", reason }];
  // What Google's front end refuses also has what most APIs say.
  const usual = own === undefined ? { status, ...(details.length > 0 && { details }) } : {};
  return Response.json({ error: { code, message, errors, ...usual } }, http);
}
