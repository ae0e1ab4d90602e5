import { httpStatus, toGoogleError } from "../kit/google-error.ts";

/**
 * The error codes of the distribution API with the HTTP status each is answered with. Those of GOOGLE
 * are its own, PAGINATION_NUMBER_INVALID is the reference registry's.
 * Source: https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes and
 * https://github.com/enix/kube-image-keeper/issues/636
 */
const CODES = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  PAGINATION_NUMBER_INVALID: 400,
  SIZE_INVALID: 400,
  TOOMANYREQUESTS: 429,
  UNKNOWN: 500,
  UNSUPPORTED: 405,
  GOOGLE_MANIFEST_DANGLING_TAG: 400,
  GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE: 400,
} as const;

/** The name of an error of the distribution API. */
export type RegistryErrorCode = keyof typeof CODES;

/** What an error may carry beside its code and message. */
export type RegistryErrorExtra = {
  readonly detail?: unknown;
  /** The HTTP status, where it is not the code's usual one. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A refusal as the distribution API gives it. */
export class RegistryError extends Error {
  override readonly name = "RegistryError";
  readonly code: RegistryErrorCode;
  readonly extra: RegistryErrorExtra;

  constructor(code: RegistryErrorCode, message: string, extra: RegistryErrorExtra) {
    super(message);
    this.code = code;
    this.extra = extra;
  }
}

/** Makes a refusal to throw. */
export function registryError(
  code: RegistryErrorCode,
  message: string,
  extra: RegistryErrorExtra = {},
): RegistryError {
  return new RegistryError(code, message, extra);
}

/** The HTTP answer for a refusal or a planned fault; anything else is a bug here and UNKNOWN. */
export function errorResponse(error: unknown): Response {
  const refusal = error instanceof RegistryError ? error : toUnknown(error);
  const { code, message, extra } = refusal;
  const detail = extra.detail === undefined ? {} : { detail: extra.detail };
  return Response.json(
    { errors: [{ code, message, ...detail }] },
    { status: extra.status ?? CODES[code], headers: { ...extra.headers } },
  );
}

function toUnknown(error: unknown): RegistryError {
  const { status, message } = toGoogleError(error);
  return registryError("UNKNOWN", message, { status: httpStatus(status) });
}
