import { HTTPException } from "hono/http-exception";
import { PermanentError, TransientError, UnreadableError } from "../../shared/ports/errors.ts";
import type { Log } from "../../shared/ports/log.ts";
import { RequestError } from "./errors.ts";

/** What a request ends with that threw; it is logged where somebody has to know. `name`: the function. */
export function toFailure(log: Log | null, name: string, error: Error): RequestError {
  if (error instanceof RequestError) {
    return error;
  }
  if (error instanceof TransientError) {
    log?.warn("try again", { function: name, status: error.status, cause: error.message });
    return new RequestError(
      "UNAVAILABLE",
      `something that Slipway needs gave no answer; try again (${error.message})`,
    );
  }
  if (error instanceof UnreadableError) {
    log?.error("document unreadable", { function: name, cause: error.message });
    return new RequestError("FAILED_PRECONDITION", error.message);
  }
  if (error instanceof PermanentError) {
    return new RequestError("INVALID_ARGUMENT", error.message);
  }
  if (error instanceof HTTPException) {
    return new RequestError("INVALID_ARGUMENT", error.message);
  }
  log?.error("bug", { function: name, cause: error.stack ?? error.message });
  return new RequestError("INTERNAL", "internal error; the log has it");
}
