import type { AuditRecord } from "../domain/audit-record.ts";
import { TransientError } from "../ports/errors.ts";
import type { DecidingPorts } from "../ports/ports.ts";

/** How many records are published in one round. */
export const PUBLISH_MAX = 100;

/** Records that wait to be published, and those of them that are at hand. */
export type Unpublished = {
  readonly published: number;
  readonly head: number;
  readonly records: readonly AuditRecord[];
};

/**
 * Publishes what a chain has that the feed has not, in order.
 * @returns the number of the last record published; where the feed or the history cannot be reached,
 * the number it began with: the tick tries again.
 */
export async function publishRecords(
  ports: DecidingPorts,
  chain: string,
  work: Unpublished,
): Promise<number> {
  if (work.published >= work.head) {
    return work.published;
  }
  try {
    const records = await recordsToPublish(ports, chain, work);
    await ports.feed.publish(records);
    return records.at(-1)?.sequence ?? work.published;
  } catch (error) {
    if (error instanceof TransientError) {
      ports.log.warn("records not published", { chain, cause: error.message });
      return work.published;
    }
    throw error;
  }
}

async function recordsToPublish(
  ports: DecidingPorts,
  chain: string,
  work: Unpublished,
): Promise<readonly AuditRecord[]> {
  const isAtHand = work.records[0]?.sequence === work.published + 1;
  return isAtHand
    ? work.records.slice(0, PUBLISH_MAX)
    : ports.store.records(chain, work.published, PUBLISH_MAX);
}
