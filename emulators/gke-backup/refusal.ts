import { type GoogleError, googleError, type StatusName } from "../kit/google-error.ts";

/**
 * A refusal with its reason in an ErrorInfo, as this API gives it.
 * Source: https://docs.cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/errors
 */
export function refusal(status: StatusName, reason: string, message: string): GoogleError {
  return googleError(status, message, [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason,
      domain: "gkebackup.googleapis.com",
    },
  ]);
}

/** The refusal of a value, naming what it must be. */
export function invalidField(field: string, restriction: string): GoogleError {
  return refusal(
    "INVALID_ARGUMENT",
    "INVALID_FIELD",
    `The value for ${field} is invalid. It must be ${restriction}.`,
  );
}

/** The refusal of a request that lacks a field. */
export function missingField(field: string): GoogleError {
  return refusal(
    "INVALID_ARGUMENT",
    "MISSING_REQUIRED_FIELD",
    `${field} is required in this request. Populate ${field} and try again.`,
  );
}

/** The refusal of what the state of a resource does not allow. */
export function notNow(message: string): GoogleError {
  return googleError("FAILED_PRECONDITION", message);
}

/** The refusal of something that is not there. */
export function notFound(name: string): GoogleError {
  return googleError("NOT_FOUND", `Resource '${name}' was not found`);
}

/** The refusal of what this emulator does not do. */
export function notEmulated(what: string): GoogleError {
  return googleError("UNIMPLEMENTED", `The emulator does not implement ${what}.`);
}
