import { entryOf } from "../domain/entry-of.ts";
import type { ServiceEvent } from "../domain/event.ts";
import { digest } from "../domain/ids.ts";
import type { Promotion, StepName } from "../domain/promotion.ts";
import type { ServiceState } from "../domain/state.ts";
import { PermanentError, TransientError } from "../ports/errors.ts";
import type { DecidingPorts } from "../ports/ports.ts";

/** What is spent on a release before it is rolled out. */
const SPENT: ReadonlySet<StepName> = new Set<StepName>(["approval", "backup", "migrate"]);

/**
 * Looks whether the image of a promotion that waits has gone, where something would be spent on it. That it
 * cannot be told says nothing.
 */
export async function lookForImage(
  ports: DecidingPorts,
  state: ServiceState,
  promotion: Promotion,
): Promise<readonly ServiceEvent[]> {
  const release = entryOf(state.releases, promotion.release);
  const isSpent = promotion.steps.some(({ name }) => SPENT.has(name));
  const isWaiting = promotion.state === "WAITING" && promotion.kind !== "restore";
  if (release === undefined || !isSpent || !isWaiting) {
    return [];
  }
  try {
    const image = await ports.registry.getImage(release.repository, release.digest);
    return image === null ? [{ kind: "image-gone", release: release.id }] : [];
  } catch (error) {
    if (error instanceof TransientError || error instanceof PermanentError) {
      return [];
    }
    throw error;
  }
}

/**
 * Makes sure that an image, `REPOSITORY@DIGEST`, is there before a backup is taken or a migration is run for it;
 * null asks for none.
 * @throws PermanentError NOT_FOUND when it has gone, TransientError when that cannot be told.
 */
export async function requireImage(ports: DecidingPorts, image: string | null): Promise<void> {
  if (image === null) {
    return;
  }
  const [repository = "", id = ""] = image.split("@");
  const found = await lookUp(ports, repository, id);
  if (!found) {
    const message = `${image} is gone from the registry; push it again, then promote again`;
    throw new PermanentError("NOT_FOUND", message);
  }
}

async function lookUp(ports: DecidingPorts, repository: string, id: string): Promise<boolean> {
  try {
    return (await ports.registry.getImage(repository, digest(id))) !== null;
  } catch (error) {
    if (error instanceof PermanentError) {
      // The registry refuses to say: that is no fault of the image, and may be put right.
      throw new TransientError(error.status, error.message, error);
    }
    throw error;
  }
}
