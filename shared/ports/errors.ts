import { shorten } from "../domain/text.ts";

/** How much of what an outside service says is passed on. */
const MESSAGE_LENGTH_MAX = 1_000;

/** What an outside service answered or failed to answer, by google.rpc.Code (AIP-193). */
class OutsideError extends Error {
  /** The google.rpc.Code's name, such as `UNAVAILABLE`. */
  readonly status: string;

  constructor(status: string, message: string, cause?: unknown) {
    super(shorten(message, MESSAGE_LENGTH_MAX), { cause });
    this.status = status;
  }
}

/** The outside failed in a way that may pass: trying again later is right. */
export class TransientError extends OutsideError {
  override readonly name = "TransientError";
}

/** The outside refused for good: the same call will fail again. */
export class PermanentError extends OutsideError {
  override readonly name: string = "PermanentError";
}

/** What was stored cannot be read: it is damaged, or of a later version of Slipway. It concerns its service alone. */
export class UnreadableError extends PermanentError {
  override readonly name = "UnreadableError";
  /** The path of what cannot be read. */
  readonly document: string;
  readonly reason: string;
  /** Whether a later version of Slipway wrote it, which can read it: while one is installed, both serve for a while. */
  readonly isNewer: boolean;

  constructor(document: string, reason: string, isNewer = false) {
    super("FAILED_PRECONDITION", `${document} cannot be read: ${reason}`);
    this.document = document;
    this.reason = reason;
    this.isNewer = isNewer;
  }
}
