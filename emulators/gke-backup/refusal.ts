import type { Refusals } from "../kit/collection-fields.ts";
import { type GoogleError, googleError, type StatusName } from "../kit/google-error.ts";

/**
 * A refusal with its reason in an ErrorInfo, as this API gives it.
 * Source: https://docs.cloud.google.com/kubernetes-engine/docs/add-on/backup-for-gke/reference/rest/v1/errors
 */
export function refusal(status: StatusName, reason: string, message: string): GoogleError {
  const detail = { reason, domain: "gkebackup.googleapis.com" };
  return googleError(status, message, [
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", ...detail },
  ]);
}

/** How this API refuses fields. */
export const REFUSALS = {
  invalid: (field, rule) =>
    refusal(
      "INVALID_ARGUMENT",
      "INVALID_FIELD",
      `The value for ${field} is invalid. It must be ${rule}.`,
    ),
  missing: (field) =>
    refusal(
      "INVALID_ARGUMENT",
      "MISSING_REQUIRED_FIELD",
      `${field} is required in this request. Populate ${field} and try again.`,
    ),
} as const satisfies Partial<Refusals>;

/** The refusal of what the state of a resource does not allow. */
export function notNow(message: string): GoogleError {
  return googleError("FAILED_PRECONDITION", message);
}
