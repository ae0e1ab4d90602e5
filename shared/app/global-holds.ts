import { unknownHolds } from "../domain/hold.ts";
import type { Hold } from "../domain/hold.ts";
import { UnreadableError } from "../ports/errors.ts";
import type { DecidingPorts } from "../ports/ports.ts";

/** The holds on everything as they are now; what stands for them when they cannot be read. */
export async function readGlobalHolds({ store }: DecidingPorts): Promise<readonly Hold[]> {
  try {
    return (await store.readControl()).state.holds;
  } catch (error) {
    if (error instanceof UnreadableError) {
      return unknownHolds(error.reason);
    }
    throw error;
  }
}
