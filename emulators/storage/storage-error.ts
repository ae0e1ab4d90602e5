import { LostAnswerError } from "../kit/faults.ts";
import { httpRefusal } from "../kit/body.ts";
import { toGoogleError } from "../kit/google-error.ts";

/** What an error of the JSON API says beside its message. */
export type StorageErrorFacts = {
  /** The HTTP status. */
  readonly code: number;
  /** Such as `notFound`. */
  readonly reason: string;
  /** The header or parameter at fault. */
  readonly location?: { readonly locationType: "header" | "parameter"; readonly location: string };
};

/**
 * A refusal as the JSON API gives it; its codes are not quite those of google.rpc.Code.
 * Source: https://cloud.google.com/storage/docs/json_api/v1/status-codes
 */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly facts: StorageErrorFacts;

  constructor(facts: StorageErrorFacts, message: string) {
    super(message);
    this.facts = facts;
  }
}

/** 404 for a bucket. */
export function noSuchBucket(): StorageError {
  return new StorageError(
    { code: 404, reason: "notFound" },
    "The specified bucket does not exist.",
  );
}

/** 404 for an object. */
export function noSuchObject(bucket: string, name: string): StorageError {
  return new StorageError({ code: 404, reason: "notFound" }, `No such object: ${bucket}/${name}`);
}

/** 400 for a value that is not as it must be. */
export function invalid(message: string): StorageError {
  return new StorageError({ code: 400, reason: "invalid" }, message);
}

/** 400 for a parameter that is missing. */
export function required(parameter: string): StorageError {
  return new StorageError(
    { code: 400, reason: "required", location: { locationType: "parameter", location: parameter } },
    `Required parameter: ${parameter}`,
  );
}

/** 412 for a precondition that does not hold. */
export function conditionNotMet(): StorageError {
  return new StorageError(
    {
      code: 412,
      reason: "conditionNotMet",
      location: { locationType: "header", location: "If-Match" },
    },
    "At least one of the pre-conditions you specified did not hold.",
  );
}

/** 501 for what the emulator does not have. */
export function notImplemented(what: string): StorageError {
  return new StorageError(
    { code: 501, reason: "notImplemented" },
    `The emulator does not implement ${what}.`,
  );
}

/**
 * The answer for a refusal.
 * @throws LostAnswerError as it came, so that the server cuts the connection.
 */
export function toErrorResponse(error: unknown): Response {
  if (error instanceof LostAnswerError) {
    throw error;
  }
  const { refusal, headers } =
    error instanceof StorageError ? { refusal: error, headers: {} } : fromKit(error);
  const { code, reason, location } = refusal.facts;
  const { message } = refusal;
  if (code === NOT_MODIFIED) {
    return new Response(null, { status: code });
  }
  const errors = [{ message, domain: "global", reason, ...location }];
  return Response.json({ error: { code, message, errors } }, { status: code, headers });
}

/** The one refusal that must not have a body. */
const NOT_MODIFIED = 304;

/** Reasons that the JSON API has for refusals of the kit, such as a planned one. */
const REASONS: Readonly<Record<number, string>> = {
  400: "invalid",
  401: "required",
  403: "forbidden",
  404: "notFound",
  409: "conflict",
  413: "uploadTooLarge",
  429: "rateLimitExceeded",
  503: "backendError",
};

function fromKit(error: unknown): {
  readonly refusal: StorageError;
  readonly headers: Readonly<Record<string, string>>;
} {
  const google = toGoogleError(error);
  const { status: code, headers } = httpRefusal(google);
  const reason = REASONS[code] ?? "internalError";
  return { refusal: new StorageError({ code, reason }, google.message), headers };
}
