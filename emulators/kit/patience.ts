const NOT_IMPLEMENTED = 501;
const NOT_ALLOWED = 405;

/**
 * The HTTP status that a caller is given, told by its `User-Agent`. gcloud takes 501 for an outage, and asks seven
 * times in half a minute before it says what it was told: what is not there is 405 for it.
 * Source: `CheckResponse` in apitools/base/py/http_wrapper.py of gcloud 528
 */
export function statusFor(status: number, userAgent: string | undefined): number {
  return status === NOT_IMPLEMENTED && /\bgcloud\//.test(userAgent ?? "") ? NOT_ALLOWED : status;
}
