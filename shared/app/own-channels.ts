import type { TroubledChannel } from "../domain/notices/troubled.ts";
import { UnreadableError } from "../ports/errors.ts";
import type { Store } from "../ports/store.ts";

/** The installation's own channels that take nothing, as far as that is recorded; none where the document cannot be read. */
export async function readOwnChannels(
  store: Pick<Store, "readControl">,
): Promise<readonly TroubledChannel[]> {
  try {
    return (await store.readControl()).state.troubled;
  } catch (error) {
    if (error instanceof UnreadableError) {
      return [];
    }
    throw error;
  }
}
