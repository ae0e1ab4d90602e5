/** What an outside service answered or failed to answer, by google.rpc.Code (AIP-193). */
class OutsideError extends Error {
  /** The google.rpc.Code's name, such as `UNAVAILABLE`. */
  readonly status: string;

  constructor(status: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** The outside failed in a way that may pass: trying again later is right. */
export class TransientError extends OutsideError {
  override readonly name = "TransientError";
}

/** The outside refused for good: the same call will fail again. */
export class PermanentError extends OutsideError {
  override readonly name = "PermanentError";
}
