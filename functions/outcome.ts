import type { Response } from "@google-cloud/functions-framework";
import { PermanentError, TransientError, UnreadableError } from "../shared/ports/errors.ts";
import type { Log } from "../shared/ports/log.ts";

/** After how many seconds a sender who can wait should try again. */
const RETRY_AFTER_S = 5;

/**
 * Answers a failure so that the platform does what is right. A failure that may pass is delivered again with
 * backoff, and so is what only a later version can read. One that will not pass is acknowledged. A bug is delivered again and shows up among the errors.
 */
export function answerFailure(
  log: Log,
  response: Response,
  failure: { readonly name: string; readonly error: unknown },
): void {
  const { name, error } = failure;
  // While a later version is installed, its instances serve beside those of this one: one of them can read it.
  const isForNewer = error instanceof UnreadableError && error.isNewer;
  if (error instanceof TransientError || isForNewer) {
    log.warn("try again", { function: name, status: error.status, cause: error.message });
    response.set("retry-after", String(RETRY_AFTER_S));
    response.status(503).json(body(503, error.status, error.message));
    return;
  }
  if (error instanceof PermanentError) {
    log.error("given up", { function: name, status: error.status, cause: error.message });
    response.status(200).json({ outcome: "failed", why: error.message });
    return;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error("bug", { function: name, cause: text });
  response.status(500).json(body(500, "INTERNAL", "internal error; the log has it"));
}

function body(code: number, status: string, message: string): object {
  return { error: { code, status, message, details: [] } };
}
