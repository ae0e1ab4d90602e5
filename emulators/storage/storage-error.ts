import { httpRefusal } from "../kit/body.ts";
import { LostAnswerError } from "../kit/faults.ts";
import { type GoogleError, googleError, toGoogleError } from "../kit/google-error.ts";

/** 400 for a value that is not as it must be. */
export function invalid(message: string): GoogleError {
  return googleError("INVALID_ARGUMENT", message);
}

/** 501 for what the emulator does not have. */
export function notImplemented(what: string): GoogleError {
  return googleError("UNIMPLEMENTED", `The emulator does not implement ${what}.`);
}

/** The statuses of the JSON API that are not those of google.rpc.Code; the etag of a policy is a condition, too. */
const CODES: Readonly<Partial<Record<GoogleError["status"], number>>> = {
  FAILED_PRECONDITION: 412,
  ABORTED: 412,
  OUT_OF_RANGE: 416,
};

const REASONS: Readonly<Record<number, string>> = {
  400: "invalid",
  401: "required",
  403: "forbidden",
  404: "notFound",
  409: "conflict",
  412: "conditionNotMet",
  413: "uploadTooLarge",
  416: "requestedRangeNotSatisfiable",
  429: "rateLimitExceeded",
  501: "notImplemented",
  503: "backendError",
};

/**
 * The answer for a refusal, as the JSON API gives it.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/status-codes
 * @throws LostAnswerError as it came, so that the server cuts the connection.
 */
export function toErrorResponse(error: unknown): Response {
  if (error instanceof LostAnswerError) {
    throw error;
  }
  const refusal = toGoogleError(error);
  const { status, headers } = httpRefusal(refusal);
  const code = CODES[refusal.status] ?? status;
  const { message } = refusal;
  const errors = [{ message, domain: "global", reason: REASONS[code] ?? "internalError" }];
  return Response.json({ error: { code, message, errors } }, { status: code, headers });
}
