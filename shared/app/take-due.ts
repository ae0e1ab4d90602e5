import type { ServiceId } from "../domain/ids.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { Ports } from "../ports/ports.ts";
import { TAKEN_AT_ONCE_MAX } from "../ports/store.ts";

/**
 * Takes what was counted of services into the sums of their owners, and of all, a few services at a time. What fails
 * keeps the others from nothing: it stays due, and the next minute's tick takes it.
 * @returns what kept some from being taken in; null where nothing did.
 */
export async function takeDue(
  ports: Ports,
  services: readonly ServiceId[],
): Promise<TransientError | PermanentError | null> {
  let failure: TransientError | PermanentError | null = null;
  for (let start = 0; start < services.length; start += TAKEN_AT_ONCE_MAX) {
    if (ports.deadline.isPast()) {
      break;
    }
    try {
      await ports.store.takeDue(services.slice(start, start + TAKEN_AT_ONCE_MAX));
    } catch (error) {
      if (!(error instanceof TransientError || error instanceof PermanentError)) {
        throw error;
      }
      failure ??= error;
    }
  }
  return failure;
}
