import { httpRefusal, TooLargeError } from "../kit/body.ts";
import { GoogleError, toGoogleError } from "../kit/google-error.ts";

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
  UNSUPPORTED: 405,
  GOOGLE_MANIFEST_DANGLING_TAG: 400,
  GOOGLE_MANIFEST_DANGLING_PARENT_IMAGE: 400,
} as const;

/** How an answer differs from what is usual for its code. */
type Extra = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A refusal as the distribution API gives it. By the other API, whatever lets it through, it fails a precondition. */
export class RegistryError extends GoogleError {
  readonly code: keyof typeof CODES;
  readonly extra: Extra;

  constructor(code: keyof typeof CODES, message: string, extra: Extra = {}) {
    super("FAILED_PRECONDITION", message, []);
    this.code = code;
    this.extra = extra;
  }
}

/** How refusals of the kit are answered that have a code here. Clients send what they have only after they were asked. */
const OTHERS: Readonly<Partial<Record<GoogleError["status"], readonly [string, Extra]>>> = {
  UNAUTHENTICATED: [
    "UNAUTHORIZED",
    { status: 401, headers: { "www-authenticate": `Basic realm="https://accounts.google.com/"` } },
  ],
  PERMISSION_DENIED: ["DENIED", { status: 403 }],
  OUT_OF_RANGE: ["SIZE_INVALID", { status: 416 }],
};

/** The HTTP answer for a refusal or a planned fault; anything else is a bug here and UNKNOWN. */
export function errorResponse(error: unknown): Response {
  const refusal = toGoogleError(error);
  const { message } = refusal;
  const [code, extra] =
    refusal instanceof RegistryError
      ? [refusal.code, { status: CODES[refusal.code], ...refusal.extra }]
      : (OTHERS[refusal.status] ?? [
          refusal instanceof TooLargeError ? "SIZE_INVALID" : "UNKNOWN",
          httpRefusal(refusal),
        ]);
  return Response.json({ errors: [{ code, message }] }, { ...extra });
}
